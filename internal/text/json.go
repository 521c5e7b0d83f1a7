package text

import (
	"bytes"
	"fmt"
	"unicode/utf16"
)

// JSON escapes, in a text that is valid JSON, every character that [Visible] would
// spell out, as \u followed by four hex digits. The value stays the same (RFC 8259,
// section 7). White space between tokens stays, since encoding/json writes no control
// character below U+0020 inside a string.
func JSON(text []byte) []byte {
	risky := func(r rune) bool { return r >= 0x7f && r != 0xfffd && hidden(r) }
	if bytes.IndexFunc(text, risky) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !risky(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

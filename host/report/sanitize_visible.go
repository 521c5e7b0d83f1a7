package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// visible makes untrusted text harmless to look at: control characters
// (terminal escapes, carriage returns), characters that reorder or hide text,
// and bytes that are no UTF-8 are spelled out as \x1b, \u202e, \xff. Every sink
// does this first and then its own escaping.
func visible(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i])|0x100, 16)[1:])
		case hidden(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether a character could do something other than be seen.
func hidden(r rune) bool { return r == utf8.RuneError || !strconv.IsGraphic(r) }

// Package text makes untrusted text fit to be shown: it escapes the characters that
// do something other than be seen, and shortens long text. It has one answer
// for each sink, so that no caller needs an escaper or a way to shorten.
//
// Text is untrusted when it came from a plugin, a profile, a launcher, a bundle or
// the kernel's names. HTML, Markdown and XML need their own escapes on top of
// [Visible]; host/report has them.
package text

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible spells out the characters that control a terminal, reorder or hide text,
// and bytes that are not UTF-8: \x1b, \u202e, \xff. All other text is returned as
// it is.
func Visible(s string) string { return escape(s, hidden) }

// Terminal is [Visible] for a terminal or a plain file: tabs stay.
func Terminal(s string) string {
	return escape(s, func(r rune) bool { return r != '\t' && hidden(r) })
}

// hidden reports whether a character could do something other than be seen. U+FFFD
// is one, because it cannot be told from a byte that is not UTF-8.
func hidden(r rune) bool { return r == utf8.RuneError || !strconv.IsGraphic(r) }

func escape(s string, hide func(rune) bool) string {
	if !strings.ContainsFunc(s, hide) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i])|0x100, 16)[1:])
		case hide(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

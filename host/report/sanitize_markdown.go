package report

import (
	"strings"

	"github.com/hrhost/hrhost/internal/text"
)

// markdownEscapes takes the meaning from every character that Markdown, or HTML
// inside Markdown, gives one in running text and table cells. Bare addresses
// become no links.
var markdownEscapes = func() *strings.Replacer {
	pairs := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;", "://", `\://`, "www.", `www\.`}
	for _, c := range "\\`*_{}[]|!~$@" {
		pairs = append(pairs, string(c), `\`+string(c))
	}
	return strings.NewReplacer(pairs...)
}()

// markdown escapes untrusted text for running Markdown. It may stand at the
// start of a paragraph or an item without opening a heading, a list or a rule.
func markdown(s string) string {
	s = markdownEscapes.Replace(text.Visible(s))
	rest := strings.TrimLeft(s, " 0123456789")
	if rest != "" && strings.ContainsRune("#+-=.)", rune(rest[0])) {
		s = s[:len(s)-len(rest)] + `\` + rest
	}
	return s
}

// spanLookAlikes replaces what would end a code span or its table cell.
var spanLookAlikes = strings.NewReplacer("`", "'", "|", "¦")

// code shows untrusted text as a code span in a table cell. Inside a span no
// escapes work, so what would end the span or the cell is replaced by a
// look-alike.
func code(s string) string {
	s = text.Visible(s)
	if s == "" {
		return "-"
	}
	return "`" + spanLookAlikes.Replace(s) + "`"
}

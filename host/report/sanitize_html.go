package report

import "github.com/hrhost/hrhost/internal/text"

// html/template escapes for HTML by context; what is left is text that is
// harmful only to look at.

// htmlText is untrusted text for the page.
func htmlText(s string) string {
	if s == "" {
		return "-"
	}
	return text.Visible(s)
}

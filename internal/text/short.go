package text

import "strings"

// Clip returns s, or its first most bytes and "..." where s is longer. It cuts
// between characters; a cut text holds no byte that is not UTF-8.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// Column returns s in at most so many characters, two dots included where it is cut,
// for a table whose columns have a width.
func Column(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:max(0, most-2)]) + ".."
}

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

// maxBrief is how much of a text a message quotes, in bytes.
const maxBrief = 120

// Brief is [Clip] for text that a message quotes.
func Brief(s string) string { return Clip(s, maxBrief) }

// Digest returns the first 12 hexadecimal digits of a SHA-256 digest, which tell any
// two of a bundle apart. Other text is returned as it is.
func Digest(s string) string {
	if d, ok := strings.CutPrefix(s, "sha256:"); ok && len(d) == 64 {
		return d[:12]
	}
	return s
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

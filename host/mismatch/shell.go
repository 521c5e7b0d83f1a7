package mismatch

import "strings"

// Shell is a command line that a shell of POSIX reads as these words, whatever
// is in them but NUL, which no word can hold. Words that mean nothing else to a
// shell stay as they are, for people to read.
func Shell(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w
		if w == "" || strings.TrimFunc(w, plain) != "" || w[0] == '=' { // zsh looks =x up
			out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

func plain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/:@+,=", r)
}

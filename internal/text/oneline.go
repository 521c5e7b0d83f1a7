package text

import "strings"

// OneLine returns a text of several lines as one sentence: the lines without white
// space at their ends, and without empty ones, joined by "; ". It is for errors that
// were joined, and for the words of a program that failed, where they stand in a line.
func OneLine(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

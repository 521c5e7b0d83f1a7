package sbpl

import (
	"fmt"
	"strings"
)

// Error is a profile that is refused, with the place that is to blame.
type Error struct {
	Pos     Pos
	Msg     string
	Hint    string // "did you mean sysctl-read?"
	Snippet string // the line and a caret under the place
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Pos, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// snippet quotes the line of pos out of src with a caret under the column.
func snippet(src []byte, pos Pos) string {
	lines := strings.Split(string(src), "\n")
	if pos.Line < 1 || pos.Line > len(lines) {
		return ""
	}
	line := lines[pos.Line-1]
	lead := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:min(max(pos.Col-1, 0), len(line))])
	return line + "\n" + lead + "^"
}

// Suggest is the name nearest to a mistyped one, "" when none is near.
func Suggest(name string, among []string) string {
	best, least := "", max(1, len(name)/3)+1
	for _, a := range among {
		if d := distance(name, a, least); d < least {
			best, least = a, d
		}
	}
	return best
}

// distance is Levenshtein's, given up at limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

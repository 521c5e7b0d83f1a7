package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a plan, and where.
type Problem struct {
	File string // as the caller named it
	Line int    // 0 when it belongs to no line
	What string // lower case, no full stop
	Hint string // what to try, "" for none
}

// Error is "config.toml:12: what: hint".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": " + p.What)
	if p.Hint != "" {
		b.WriteString(": " + p.Hint)
	}
	return b.String()
}

// ErrorList is everything wrong with a plan, in the order of its lines. A plan
// is refused whole: one problem is enough, and all are told at once.
type ErrorList []Problem

// Error is one problem a line.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, p := range l {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// orNil sorts the list and returns it as an error, nil when it is empty.
func (l ErrorList) orNil() error {
	if len(l) == 0 {
		return nil
	}
	slices.SortStableFunc(l, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return l
}

// maybe is the hint for a name that was probably meant to be among others.
func maybe(name string, among []string) string {
	if s := suggest(name, among); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

// quoted lists words for a hint: "a", "b" or "c".
func quoted(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	if len(q) < 2 {
		return strings.Join(q, "")
	}
	last := len(q) - 1
	return strings.Join(q[:last], ", ") + " or " + q[last]
}

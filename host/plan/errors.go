package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a plan.
type Problem struct {
	// Where is FILE:LINE:COL in a plan that was read, or FILE when no line is to
	// blame. In a plan that [New] makes it is the flag or argument to blame, or ""
	// when none is.
	Where string
	Text  string // lower case, no full stop
	Hint  string // what to try, "" for none

	at position // in the plan's text, for the order of problems
}

// Error is "WHERE: TEXT: HINT" without the parts that are empty.
func (p Problem) Error() string {
	parts := slices.DeleteFunc([]string{p.Where, p.Text, p.Hint}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// ErrorList is everything wrong with a plan, in the order of its text. A plan is
// refused whole: one problem is enough, and all of them are reported together.
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
	slices.SortStableFunc(l, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.col, b.at.col))
	})
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

// Package pages lets a test hold a part of a page of documentation against what
// the program says: the part is written by the program, and what stands around it
// by people.
package pages

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Part is what stands between two lines of a page.
type Part struct {
	Path       string
	Begin, End string // each a whole line, the line break included
}

// Holds fails the test where the part is not what it is to be, or with write
// makes it that. how is the command that does so.
func (p Part) Holds(t testing.TB, is string, write bool, how string) {
	t.Helper()
	text, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), p.Begin)
	was, after, ended := strings.Cut(rest, p.End)
	switch {
	case !begun || !ended:
		t.Fatalf("%s has no part from %q to %q", p.Path, p.Begin, p.End)
	case was == is:
	case !write:
		t.Errorf("%s is behind; %s writes it:\n%s", p.Path, how, cmp.Diff(was, is))
	default:
		if err := os.WriteFile(p.Path, []byte(before+p.Begin+is+p.End+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

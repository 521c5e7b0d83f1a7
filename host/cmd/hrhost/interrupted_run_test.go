package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/run"
)

// TestInterruptedSentences: a run that ends by a signal says in one sentence where
// what was done is, in each of the ways in which it may end.
func TestInterruptedSentences(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
		hint string
	}{
		{"in the middle", interrupted(runFlags{}, "/x/out"), "interrupted: what was done is in a .partial directory below /x/out/runs", ""},
		{"nothing is kept", interrupted(runFlags{Discard: true}, "/x/out"), "interrupted", ""},
		{"while verified", unchecked("/x/out/runs/1"), "interrupted: the bundle /x/out/runs/1 is whole, but its verification did not end",
			"verify it: hrhost verify /x/out/runs/1"},
		{"overdue", overdue(runFlags{}, "/x/out"), "interrupted: the run did not end within 3s; what was done is in the newest directory below /x/out/runs", ""},
		{"overdue, nothing is kept", overdue(runFlags{Discard: true}, "/x/out"), "interrupted: the run did not end within 3s", ""},
	} {
		var said bytes.Buffer
		code := newUI(&bytes.Buffer{}, &said).exit(c.err)
		want := "hrhost: error: " + c.want + "\n"
		if c.hint != "" {
			want += "hrhost: hint: " + c.hint + "\n"
		}
		if said.String() != want || code != run.ExitIncomplete {
			t.Errorf("%s: exit %d, %q", c.name, code, strings.TrimSpace(said.String()))
		}
	}
}

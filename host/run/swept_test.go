package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
)

// TestSwept: the first trouble of a sweep's processes is told, and the largest of
// their peaks is kept.
func TestSwept(t *testing.T) {
	died := &probing.Report{Err: errors.New("gone"), Unbegun: true, Exit: &launch.Exit{Code: 3}, Peak: 5}
	for _, c := range []struct {
		name   string
		listed int
		does   func(*swept)
		note   string
		sealed bool
		peak   int64
	}{
		{"well", 1, func(s *swept) { s.result.Targets = 1; s.trouble("", &probing.Report{Peak: 7}) }, "", true, 7},
		{"died", 1, func(s *swept) { s.trouble("", &probing.Report{Peak: 3}); s.lost(died) }, "DIED between two batches: exit", false, 5},
		{"the first", 1, func(s *swept) { s.trouble("HUNG", &probing.Report{Peak: 9}); s.lost(died) }, "HUNG", false, 9},
		{"nothing fits", 2, func(*swept) {}, "NOTHING ATTEMPTED: none of the 2 listed targets fits", false, 0},
		{"nothing listed", 0, func(*swept) {}, "NOTHING ATTEMPTED: no target is listed", false, 0},
	} {
		s := swept{result: bundle.SweepResult{ProfileID: "p", Listed: c.listed}}
		c.does(&s)
		got := s.finish("exec", &worker{processes: 2})
		if !strings.HasPrefix(got.Note, c.note) || (got.Note == "") != (c.note == "") || got.Sealed != c.sealed || got.ID != "p" || got.Seal != "exec" {
			t.Errorf("%s: %+v", c.name, got)
		}
		if s.result.PluginPeak != c.peak || s.result.Processes != 2 {
			t.Errorf("%s: peak %d, %d processes", c.name, s.result.PluginPeak, s.result.Processes)
		}
	}
}

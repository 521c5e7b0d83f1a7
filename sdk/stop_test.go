package sdk

import (
	"io"
	"testing"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// closer notes that it was closed.
type closer struct{ closed bool }

func (c *closer) Close() error { c.closed = true; return nil }

// TestStopReleases: what is held is let go, at once or at the end of the Run
// that uses it.
func TestStopReleases(t *testing.T) {
	for _, running := range []bool{false, true} {
		held := &closer{}
		var s *server
		use := func(*Recorder, io.Closer) error {
			if running {
				if err := s.Stop(t.Context()); err != nil || held.closed {
					t.Errorf("closed while it is used: %t, %v", held.closed, err)
				}
			}
			return nil
		}
		spec := &Spec{Family: "test", Probes: []*Probe{{Operation: "op", Platforms: []Platform{platform()}, Handle: &Handle{
			Acquire: func(string) (io.Closer, error) { return held, nil }, Use: use,
		}}}}
		s = newServer(spec, "", nil)
		if _, err := s.Prepare(t.Context(), wire.PrepareRequest{Targets: []wire.PrepareTarget{{Operation: "op", Target: "x", Arm: terms.Before}}}); err != nil {
			t.Fatal(err)
		}
		items := []wire.RunItem{{Operation: "op", Target: "x", Arm: terms.Before, Attempt: 1}}
		if err := s.Run(t.Context(), items, func(wire.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if !running {
			if held.closed {
				t.Error("closed before the host was done")
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !held.closed {
			t.Errorf("still held; during a Run: %t", running)
		}
	}
}

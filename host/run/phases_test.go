package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/guard"
	"github.com/hrhost/hrhost/internal/wire"
)

// TestInPhases: what a phase left behind is cleaned up before the next one, and a
// phase that fails or is interrupted is the last one.
func TestInPhases(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name, at, want string
		err            error
	}{
		{"all", "", "a cleanup b cleanup c cleanup", nil},
		{"fails", "b fails", "a cleanup b", broken},
		{"interrupted", "b interrupted", "a cleanup b", nil},
	} {
		ctx, stop := context.WithCancel(t.Context())
		var seen []string
		do := func(name string) phase {
			return func(context.Context) error {
				seen = append(seen, name)
				switch c.at {
				case name + " fails":
					return broken
				case name + " interrupted":
					stop()
				}
				return nil
			}
		}
		err := inPhases(ctx, func() { seen = append(seen, "cleanup") }, do("a"), do("b"), do("c"))
		if got := strings.Join(seen, " "); got != c.want || err != c.err {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, got, err, c.want, c.err)
		}
		stop()
	}
}

func TestEachProfile(t *testing.T) {
	all := []plan.Profile{
		{ID: "a", Seal: "self"}, {ID: "b", Seal: "wrap"}, {ID: "c", Seal: "exec"}, {ID: "d", Seal: "self", Sweep: &plan.Sweep{}},
	}
	for _, c := range []struct {
		name  string
		meant func(*plan.Profile) bool
		want  int32
		fails string // the profile that returns an error or panics
	}{
		{"plain", isPlain, 3, ""}, {"wrapped", isWrapped, 1, ""}, {"judged", isJudged, 2, ""},
		{"one fails", isPlain, 3, "b"}, {"one panics", isJudged, 2, "panic c"},
	} {
		var done atomic.Int32
		err := eachProfile(t.Context(), newPool(new(firstError)), all, c.meant, func(_ context.Context, prof *plan.Profile) error {
			done.Add(1)
			switch c.fails {
			case prof.ID:
				return errors.New(prof.ID)
			case "panic " + prof.ID:
				panic(prof.ID)
			}
			return nil
		})
		if done.Load() != c.want || (err != nil) != (c.fails != "") {
			t.Errorf("%s: %d profiles, %v", c.name, done.Load(), err)
		}
		if panics := strings.HasPrefix(c.fails, "panic"); (guard.Stack(err) != nil) != panics {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := eachProfile(ctx, newPool(new(firstError)), all, isPlain, func(context.Context, *plan.Profile) error {
		t.Error("a profile of an interrupted run is begun")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestOrphansHoldBackLaterPhases: where an orphan of a phase could not be ended, no
// process of any later phase is started, also when the orphan is gone one phase
// later: it was there beside the phase between.
func TestOrphansHoldBackLaterPhases(t *testing.T) {
	alive := errors.New("1 is still there")
	var started []string
	p := &processes{
		place: func(string) int { return 0 }, errs: new(firstError),
		run: func(_ context.Context, job probing.Job) *probing.Report {
			started = append(started, job.Name)
			return &probing.Report{}
		},
	}
	reports := map[string]*probing.Report{}
	one := func(name string) phase {
		return func(ctx context.Context) error {
			reports[name] = p.start(ctx, &plugin{}, "", probing.Job{Name: name, Items: make([]wire.RunItem, 2)})
			return nil
		}
	}
	cleanUps := []error{alive, nil, nil}
	err := inPhases(t.Context(), func() {
		p.hold(cleanUps[0])
		cleanUps = cleanUps[1:]
	}, one("unsealed"), one("wrapped"), one("sealed"))
	if err != nil || !slices.Equal(started, []string{"unsealed"}) {
		t.Errorf("started %q, %v", started, err)
	}
	for _, name := range []string{"wrapped", "sealed"} {
		if rep := reports[name]; rep.Failed != lane.StageLaunch || rep.Err != alive || len(rep.Attempts) != 2 {
			t.Errorf("%s: %+v", name, rep)
		}
	}
}

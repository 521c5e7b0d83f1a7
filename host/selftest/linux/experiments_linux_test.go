package linux

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/needs"
)

func init() { runtime.LockOSThread() }

// TestMain is also the program that the experiments run in.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == selftest.Verb {
		os.Exit(selftest.Serve(Experiments(), os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == underVerb {
		beUnder(os.Args[2:])
	}
	os.Exit(m.Run())
}

func TestEachFactHasAnExperiment(t *testing.T) {
	var ids []string
	for _, f := range Facts() {
		ids = append(ids, f.ID)
	}
	for _, wrong := range selftest.Audit(Experiments(), ids, ids) {
		t.Error(wrong)
	}
}

// TestHere tries every fact on this machine. One that fails here is a fact that
// the project must not rest on. What can't be tried, or is not here, is for those
// who require it.
func TestHere(t *testing.T) {
	r := &selftest.Runner{TempDir: t.TempDir()}
	for _, f := range Facts() {
		t.Run(f.ID, func(t *testing.T) {
			res := r.Try(context.Background(), f, selftest.Find(Experiments(), f.ID))
			t.Logf("%s, %s: %s\n%s", res.Outcome, res.Ended, res.Seen, res.Output)
			switch {
			case res.Outcome == selftest.Fail:
				t.Fail()
			case res.Outcome == selftest.Incomplete:
				needs.Missing(t, needs.Seal, res.Seen)
			case res.Outcome == selftest.NotApplicable && strings.HasPrefix(f.ID, "dbus."):
				needs.Missing(t, needs.DBus, res.Seen)
			}
		})
	}
}

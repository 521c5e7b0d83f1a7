package linux

import (
	"context"
	"os"
	"runtime"
	"testing"

	"github.com/hrhost/hrhost/host/selftest"
)

func init() { runtime.LockOSThread() }

// TestMain is also the program that the experiments run in.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == selftest.Verb {
		os.Exit(selftest.Serve(Experiments(), os.Args[2:]))
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
// the project must not rest on.
func TestHere(t *testing.T) {
	r := &selftest.Runner{TempDir: t.TempDir()}
	for _, f := range Facts() {
		t.Run(f.ID, func(t *testing.T) {
			res := r.Try(context.Background(), f, selftest.Find(Experiments(), f.ID))
			t.Logf("%s, %s: %s\n%s", res.Outcome, res.Ended, res.Seen, res.Output)
			if res.Outcome == selftest.Fail || res.Outcome == selftest.Incomplete {
				t.Fail()
			}
		})
	}
}

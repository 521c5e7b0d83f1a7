package darwin

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// TestEachUnverifiedFactHasAnExperiment: or a reason why it can only be read.
func TestEachUnverifiedFactHasAnExperiment(t *testing.T) {
	var known, needed []string
	for _, f := range seatbelt.Facts() {
		known = append(known, f.ID)
	}
	for _, f := range seatbelt.Unverified() {
		needed = append(needed, f.ID)
	}
	for _, wrong := range selftest.Audit(All(), known, needed) {
		t.Error(wrong)
	}
}

// TestPlayed runs each experiment on a macOS that is as the fact says, and on one
// that is otherwise in this one thing.
func TestPlayed(t *testing.T) {
	whole := library(t)
	without := library(t, "-DWITHOUT_COMPILE")
	for _, c := range played {
		t.Run(c.fact, func(t *testing.T) {
			as := func(library, wrong string) selftest.Result {
				t.Setenv(envLibrary, library)
				t.Setenv(envDir, t.TempDir())
				t.Setenv(envWrong, wrong)
				r := &selftest.Runner{TempDir: t.TempDir()}
				return r.Try(context.Background(), seatbelt.Fact{ID: c.fact, Claim: "c"}, selftest.Find(All(), c.fact))
			}
			if res := as(whole, ""); res.Outcome != selftest.Pass {
				t.Errorf("as the fact says: %s, %s: %s\n%s", res.Outcome, res.Ended, res.Seen, res.Output)
			}
			library := whole
			if c.fact == "compile.exports" {
				library = without
			}
			res := as(library, c.fact)
			if res.Outcome != selftest.Fail || res.Ended != selftest.Returned || !strings.Contains(res.Seen, c.says) {
				t.Errorf("%s: %s, %s: %s, want %q\n%s", c.otherwise, res.Outcome, res.Ended, res.Seen, c.says, res.Output)
			}
		})
	}
}

// TestEachIsPlayed: every experiment that runs is in the table, or says why it
// is not.
func TestEachIsPlayed(t *testing.T) {
	in := map[string]bool{}
	for _, c := range played {
		in[c.fact] = true
	}
	for _, e := range All() {
		_, not := notPlayed[e.Fact]
		if runs := e.Run != nil; runs == (in[e.Fact] == not) || !runs && (in[e.Fact] || not) {
			t.Errorf("%s: runs %v, played %v, not played %v", e.Fact, runs, in[e.Fact], not)
		}
	}
}

// TestFIFO runs the one experiment that Linux can be asked too.
func TestFIFO(t *testing.T) {
	t.Setenv(envLibrary, os.DevNull)
	e := selftest.Find(All(), "launch.fifo")
	r := &selftest.Runner{TempDir: t.TempDir()}
	if res := r.Try(context.Background(), seatbelt.Fact{ID: e.Fact, Claim: "c"}, e); res.Outcome != selftest.Pass {
		t.Errorf("%s: %s\n%s", res.Outcome, res.Seen, res.Output)
	}
}

package experiment

import (
	"context"
	"os"
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

// notPlayed are experiments that are not driven here, and why. They compile, and
// are vetted, for macOS.
var notPlayed = map[string]string{
	"apply.connected-socket": "the kernel itself must refuse accept, connect and bind",
	"apply.exec-minimum":     "the kernel itself must refuse what a program that starts asks for",
	"launch.fifo":            "it is about the kernel: Linux's does the same, and has its own run of it in TestFIFO",
}

// TestPlayed runs each experiment twice: on a macOS that is as the fact says, and
// on one that is otherwise in this one thing. The behaviours are in
// testdata/mac.c, and in play for what does not go through package darwin.
func TestPlayed(t *testing.T) {
	whole := library(t)
	without := library(t, "-DWITHOUT_COMPILE")
	for _, f := range seatbelt.Facts() {
		e := selftest.Find(All(), f.ID)
		if e == nil || e.Run == nil || notPlayed[f.ID] != "" {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			as := func(library, wrong string) selftest.Result {
				t.Setenv(envLibrary, library)
				t.Setenv(envDir, t.TempDir())
				t.Setenv(envWrong, wrong)
				r := &selftest.Runner{TempDir: t.TempDir()}
				return r.Try(context.Background(), f, e)
			}
			if res := as(whole, ""); res.Outcome != selftest.Pass {
				t.Errorf("as the fact says: %s, %s: %s\n%s", res.Outcome, res.Ended, res.Seen, res.Output)
			} else {
				t.Log("pass: ", res.Seen)
			}
			library := whole
			if f.ID == "compile.exports" {
				library = without
			}
			if res := as(library, f.ID); res.Outcome != selftest.Fail || res.Ended != selftest.Returned {
				t.Errorf("otherwise: %s, %s: %s\n%s", res.Outcome, res.Ended, res.Seen, res.Output)
			} else {
				t.Log("fail: ", res.Seen)
			}
		})
	}
}

// TestNotPlayed: what is not driven is there and says why.
func TestNotPlayed(t *testing.T) {
	for id, why := range notPlayed {
		if e := selftest.Find(All(), id); e == nil || e.Run == nil || why == "" {
			t.Errorf("%s is no experiment that runs", id)
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

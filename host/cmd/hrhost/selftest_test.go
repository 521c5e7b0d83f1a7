package main

import (
	"testing"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/selftest"
)

func TestSelfTestExitCode(t *testing.T) {
	for _, c := range []struct {
		counts selftest.Counts
		want   int
	}{
		{selftest.Counts{}, 0},
		{selftest.Counts{Pass: 3, NotApplicable: 2}, 0},
		{selftest.Counts{Pass: 3, Fail: 1}, run.ExitMismatch},
		{selftest.Counts{Pass: 3, Incomplete: 1}, run.ExitIncomplete},
		{selftest.Counts{Fail: 1, Incomplete: 1}, run.ExitIncomplete},
	} {
		if got := exitCode(c.counts); got != c.want {
			t.Errorf("%+v: exit code %d, want %d", c.counts, got, c.want)
		}
	}
}

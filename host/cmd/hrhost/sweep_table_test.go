package main

import (
	"bytes"
	"testing"

	"github.com/hrhost/hrhost/host/run"
)

// TestWrongTargets: they are named with -q too, beside the path, and their names
// are made harmless.
func TestWrongTargets(t *testing.T) {
	res := &run.Result{Wrong: []run.Line{
		{ID: "sweep:a\x1bb", Reasons: []string{"probe_died"}},
		{ID: "sweep:c", Decided: true, Reasons: []string{"oracle_disagreement", "x"}},
	}, WrongMore: 7}
	const want = "??  sweep:a\\x1bb  probe_died\n!!  sweep:c  oracle_disagreement, x\n    and 7 more targets, in mismatch_packets.jsonl\n"
	for _, quiet := range []bool{false, true} {
		var out, err bytes.Buffer
		u := newUI(&out, &err)
		u.quiet = quiet
		u.wrong(res)
		if quiet {
			out, err = err, out
		}
		if out.String() != want || err.Len() > 0 {
			t.Errorf("quiet %t: %q, %q", quiet, out.String(), err.String())
		}
	}
}

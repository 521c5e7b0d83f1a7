package mismatch

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// row is an attempt decided from what the table is given.
func row(a lane.Attempt) lane.RuntimeRow {
	r := lane.RuntimeRow{State: a.State, End: a.End, Result: lane.Result{Class: a.Result}, Decision: lane.Decide(a), Use: lane.UseOf(a)}
	r.Attempt = 1
	return r
}

func done(v lane.Verdict, class lane.ResultClass) lane.Attempt {
	rule := &lane.RuleRef{File: "sb/p.sb", Line: 4, Col: 1, Text: "(deny x)"}
	return lane.Attempt{Supported: true, State: lane.Done, End: lane.Returned, Arm: lane.After, Result: class,
		Witness: lane.WitnessSummary{Complete: true, Primary: v, PrimaryRule: rule}}
}

func TestJudge(t *testing.T) {
	allowed, denied := row(done(lane.Allow, lane.OK)), row(done(lane.Deny, lane.Denied))
	died := row(lane.Attempt{Supported: true, State: lane.Attempting, End: lane.Died})
	missing := row(done(lane.Allow, lane.Missing))
	gone := &lane.BaselineRow{State: lane.Done, Result: lane.Result{Class: lane.Missing}}
	there := &lane.BaselineRow{State: lane.Done, Result: lane.Result{Class: lane.OK}}
	model := func(p, c string) []lane.OracleRow {
		return []lane.OracleRow{{Source: "monitor_check", Prediction: p, Calibration: c}}
	}
	two := func(p, q, c string) []lane.OracleRow {
		return []lane.OracleRow{{Source: "sbpl-model", Prediction: p, Calibration: "calibrated"}, {Source: "sandbox_check", Prediction: q, Calibration: c}}
	}
	for _, c := range []struct {
		name     string
		expected string
		rows     []lane.RuntimeRow
		base     *lane.BaselineRow
		oracle   []lane.OracleRow
		want     string // reasons
	}{
		{"allowed", "allow", []lane.RuntimeRow{allowed}, there, nil, ""},
		{"denied", "deny", []lane.RuntimeRow{denied}, there, nil, ""},
		{"unexpected allow", "deny", []lane.RuntimeRow{allowed}, there, nil, "unexpected_allow"},
		{"unexpected deny", "allow", []lane.RuntimeRow{denied}, there, nil, "unexpected_deny"},
		{"absent", "absent", []lane.RuntimeRow{missing}, gone, nil, ""},
		{"absent and hidden", "absent", []lane.RuntimeRow{missing}, there, nil, "unexpected_allow"},
		{"absent and denied", "absent", []lane.RuntimeRow{denied}, gone, nil, "unexpected_deny"},
		{"died", "any", []lane.RuntimeRow{died}, there, nil, "probe_died"},
		{"unstable", "any", []lane.RuntimeRow{allowed, denied}, there, nil, "unstable"},
		{"no row", "allow", nil, there, nil, "protocol_violation"},
		{"oracle", "allow", []lane.RuntimeRow{allowed}, there, model("deny", "calibrated"), "oracle_disagreement"},
		{"oracle uncalibrated", "allow", []lane.RuntimeRow{allowed}, there, model("deny", "uncalibrated"), ""},
		{"oracle unknown", "allow", []lane.RuntimeRow{allowed}, there, model("unknown", "calibrated"), ""},
		{"oracles divided, the probe died", "any", []lane.RuntimeRow{died}, there, two("deny", "allow", "calibrated"), "probe_died oracle_disagreement"},
		{"oracles agreed, the probe died", "any", []lane.RuntimeRow{died}, there, two("deny", "deny", "calibrated"), "probe_died"},
		{"oracles divided, one uncalibrated", "any", []lane.RuntimeRow{died}, there, two("deny", "allow", "uncalibrated"), "probe_died"},
		{"oracles divided, one can't be asked", "any", []lane.RuntimeRow{died}, there, two("deny", "unsupported_by_api", "calibrated"), "probe_died"},
		{"oracles divided, one is contradicted", "any", []lane.RuntimeRow{allowed}, there, two("deny", "allow", "calibrated"), "oracle_disagreement"},
		{"unsupported", "allow", []lane.RuntimeRow{row(lane.Attempt{})}, nil, nil, ""},
	} {
		exp := Expectation{ID: "p:x@after", ProfileID: "p", ProbeName: "x", Arm: lane.After, Expected: c.expected, Attempts: len(c.rows)}
		j := Run{Plan: "config.toml"}.Judge(exp, c.rows, c.base, c.oracle, nil)
		var got []string
		for _, p := range j.Packets {
			got = append(got, string(p.MismatchReason))
			if p.Reproduce != "hrhost run config.toml --profile p --probe x" || len(p.Explain) < 3 {
				t.Errorf("%s: packet %+v", c.name, p)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %q", c.name, got, c.want)
		}
	}
}

// incomplete are the reasons that make a run incomplete: the policy was not put to the
// test.
var incomplete = []lane.Reason{
	lane.ApplyAlreadySandboxed, lane.ApplyListenerBusy, lane.ApplyUnsupported, lane.ApplyFailed,
	lane.FixtureUnavailable, lane.ProbeDied, lane.ProbeTimeout, lane.NotReached,
}

// TestReasons: each reason of the table that a row can have without a decision becomes
// the reason of its packet, with the table's sentence and the right exit.
func TestReasons(t *testing.T) {
	for _, known := range lane.Reasons() {
		why := known.Reason
		if got, want := Incomplete(why), slices.Contains(incomplete, why); got != want {
			t.Errorf("%s: incomplete %v, want %v: host/lane/reasons.go has its exit code", why, got, want)
		}
		if got, want := slices.Contains(Reasons(), why), known.Exit != 0; got != want {
			t.Errorf("%s: among the reasons of our packets %v, want %v", why, got, want)
		}
		if !known.Decision || known.Exit == 0 {
			continue
		}
		r := lane.RuntimeRow{Decision: lane.Decision{Reason: why}}
		j := Run{}.Judge(Expectation{Expected: "allow", Arm: lane.After}, []lane.RuntimeRow{r}, nil, nil, nil)
		if len(j.Packets) != 1 || j.Packets[0].MismatchReason != why || j.Decided {
			t.Errorf("%s: %+v", why, j)
			continue
		}
		if !slices.Contains(j.Packets[0].Explain, known.Sentence) {
			t.Errorf("%s: its packet says %q, want %q", why, j.Packets[0].Explain, known.Sentence)
		}
	}
}

// TestPacketsAreRead: however long the answers of how many attempts are, and however
// many rows the witness has, a packet is no longer than what is read.
func TestPacketsAreRead(t *testing.T) {
	long := strings.Repeat("\x01", 8<<10)
	var attempts []lane.RuntimeRow
	var witness []lane.WitnessRow
	for i := range 1000 {
		r := row(done([]lane.Verdict{lane.Allow, lane.Deny}[i%2], []lane.ResultClass{lane.OK, lane.Denied}[i%2]))
		r.Attempt, r.Detail, r.Result.Value, r.Carrier = i+1, long, long, long
		attempts = append(attempts, r)
		w := lane.WitnessRow{Context: lane.Context{Carrier: long, Attempt: 2}}
		w.Path = &lane.PathObservation{Requested: long, Observed: long, Normalized: long}
		witness = append(witness, w)
	}
	j := Run{}.Judge(Expectation{ID: "p:a@after", Expected: "any", Attempts: len(attempts)}, attempts, nil, nil, witness)
	if len(j.Packets) != 1 {
		t.Fatalf("%d packets", len(j.Packets))
	}
	p := j.Packets[0]
	text, err := json.Marshal(p)
	if err != nil || len(text) > 16<<20 || len(p.Attempts) == 0 || len(p.Witness) == 0 {
		t.Errorf("%d bytes, %d attempts, %d rows of the witness, %v", len(text), len(p.Attempts), len(p.Witness), err)
	}
	if told := strings.Join(p.Explain, " "); !strings.Contains(told, "There were 1000 attempts; the first") || !strings.Contains(told, "The witness has 1000 rows of this attempt; the first") {
		t.Errorf("%.200q", p.Explain[len(p.Explain)-2:])
	}
}

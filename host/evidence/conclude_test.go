package evidence

import (
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

const policy = `(version 1)
(deny default)
(allow sysctl-read (sysctl-name "kernel.ostype"))`

// asked is a case of one sysctl and the description of a plugin that has it.
func asked(t *testing.T, name string) (Case, *wire.Description) {
	t.Helper()
	p, err := sbpl.Compile([]byte(policy), sbpl.Options{Name: "test.sb"})
	if err != nil {
		t.Fatal(err)
	}
	prof := &plan.Profile{ID: "sysctl.strict", Family: "sysctl", Seal: "self", Acquire: "after", Repeat: 1, Policy: p}
	q := Question{Probe: plan.Probe{ID: name, Operation: "sysctl-read", Filter: "sysctl-name", Target: name, Expect: "deny"}, Arm: lane.After}
	zero, denied := 0, 13
	d := &wire.Description{Probes: []wire.Probe{{
		Operation: "sysctl-read", Filter: "sysctl-name", Carrier: "open", Platforms: []wire.Platform{wire.Linux},
		Results: []wire.ResultCode{{API: "open", Errno: &zero, Class: "ok"}, {API: "open", Errno: &denied, Class: "permission"}},
	}}}
	return Case{Profile: prof, Question: q, Platform: wire.Linux, SharedEngine: true, Context: lane.Context{RunID: "run"}}, d
}

// tried is an attempt that ended with an errno, by the stream.
func tried(c Case, errno int) Attempt {
	return Attempt{
		Item: wire.RunItem{Operation: c.Question.Operation, FilterName: c.Question.Filter, Target: c.Question.Target, Arm: lane.After, Attempt: 1},
		Outcome: &wire.Outcome{
			Attempted: true, StartNS: 1_000_000, EndNS: 1_500_000, Carrier: "open", FilterValue: c.Question.Target,
			Result: &wire.Result{API: "open", Errno: &errno},
		},
	}
}

// judged is the monitor's row about the first slot.
func judged(c Case, v lane.Verdict) *lane.WitnessRow {
	row := &lane.WitnessRow{By: lane.ByPolicy, Epoch: 1, Slot: 0, Verdict: v, MonotonicUS: 1200, Rule: &lane.RuleRef{File: "test.sb", Line: 2}}
	row.Operation, row.Filter = c.Question.Operation, lane.Filter{Name: c.Question.Filter, Value: c.Question.Target}
	row.Stage = lane.StageOperation
	return row
}

func TestConclude(t *testing.T) {
	const hidden, open = "kernel.hostname", "kernel.ostype"
	for _, c := range []struct {
		name, target string
		errno        int
		witness      lane.Verdict // "" for none
		unjudged     string
		verdict      lane.Verdict // "" for no decision
		reason       lane.Reason
		detail       string
	}{
		{"denied and refused", hidden, 13, lane.Deny, "", lane.Deny, lane.PrimaryOpDenied, ""},
		{"allowed and read", open, 0, lane.Allow, "", lane.Allow, lane.NoDenialObserved, ""},
		{"denied, but the plugin claims success", hidden, 0, lane.Deny, "", "", lane.CapturePipelineDisagreement,
			"plugin sysctl claims that the call worked, which the enforcement point denied"},
		{"refused without a witness", hidden, 13, "", "", "", lane.OpNotWitnessed,
			"plugin sysctl claims a call that the enforcement point did not see"},
		{"not mediated", hidden, 13, "", "the monitor does not see it", "", lane.NotMediated, "the monitor does not see it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, d := asked(t, c.target)
			k.Unjudged = c.unjudged
			zero := tried(k, 0)
			k.Baseline = BaselineRow(k, zero, &Process{Description: d, PID: 7, Attempts: []Attempt{zero}})
			a := tried(k, c.errno)
			p := &Process{PID: 8, Description: d, Epoch: 1, Attempts: []Attempt{a}}
			if c.witness != "" {
				p.Witness = append(p.Witness, judged(k, c.witness))
			}
			e := Conclude(k, p, p.Attempts, BySlot(p.Witness, 1), nil)
			if len(e.Rows) != 1 || len(e.Oracle) != 1 {
				t.Fatalf("%d rows, %d oracle rows", len(e.Rows), len(e.Oracle))
			}
			row := e.Rows[0]
			var verdict lane.Verdict
			if row.Decision.Verdict != nil {
				verdict = *row.Decision.Verdict
			}
			if verdict != c.verdict || row.Decision.Reason != c.reason || row.Detail != c.detail {
				t.Errorf("verdict %q, reason %q, detail %q", verdict, row.Decision.Reason, row.Detail)
			}
			if e.Verdict != c.witness || len(e.Witness) != len(p.Witness) {
				t.Errorf("witness says %q in %d rows", e.Verdict, len(e.Witness))
			}
			if got := row.Context; got.RunID != "run" || got.ExpectationID != "sysctl.strict:"+c.target+"@after" || got.Attempt != 1 {
				t.Errorf("context %+v", got)
			}
		})
	}
}

// TestConcludePlacesAttempts: rows have wall time, attempts the recorder's.
func TestConcludePlacesAttempts(t *testing.T) {
	k, d := asked(t, "kernel.ostype")
	a := tried(k, 0)
	at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	row := BaselineRow(k, a, &Process{Description: d, Attempts: []Attempt{a}, Clock: Clock{At: at, NS: 2_001_000_000}})
	if row.StartedAt != "2020-01-02T03:04:03.000000000Z" || row.DurationUS != 500 {
		t.Errorf("started at %s, took %d µs", row.StartedAt, row.DurationUS)
	}
}

// TestNotReached: an attempt behind the one in which the process died has no
// decision, and its detail names the cause with the hint.
func TestNotReached(t *testing.T) {
	k, d := asked(t, "kernel.ostype")
	items := []Attempt{tried(k, 0), tried(k, 0)}
	for i := range items {
		items[i].Outcome, items[i].Slot, items[i].Item.Slot = nil, recorder.Slot{}, i
	}
	items[0].Slot.State, items[0].Stopped = recorder.Attempting, true
	p := &Process{Description: d, Epoch: 1, Attempts: items, Failed: lane.StageOperation, Err: "killed by SIGSEGV", Signal: 11}
	k.Baseline = BaselineRow(k, tried(k, 0), &Process{Description: d})
	e := Conclude(k, p, items, BySlot(nil, 2), nil)
	for i, want := range []string{"in this attempt: killed by SIGSEGV", "not reached: killed by SIGSEGV"} {
		if row := e.Rows[i]; row.Decision.Verdict != nil || row.Detail != want || row.DiedAt != lane.StageOperation {
			t.Errorf("attempt %d: %+v", i, row)
		}
	}
	if a, b := e.Rows[0], e.Rows[1]; a.Attribution != "plugin_claimed" || b.Attribution != "host_observed" {
		t.Errorf("attributed to %s and %s", a.Attribution, b.Attribution)
	}
}

// TestSkipped: a question that this platform cannot ask has a row for each planned
// attempt all the same.
func TestSkipped(t *testing.T) {
	k, _ := asked(t, "kernel.ostype")
	k.Profile.Repeat = 3
	e := Skipped(k, "the plan has no target for linux")
	if len(e.Rows) != 3 || e.Rows[2].Attempt != 3 || e.Rows[2].Detail == "" || e.Baseline.RuntimeStatus != "unsupported" {
		t.Errorf("%+v", e)
	}
}

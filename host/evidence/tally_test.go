package evidence

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
)

// packet is one of a reason, about a decision or the lack of one.
func packet(reason lane.Reason, decided bool) mismatch.Packet {
	p := mismatch.Packet{MismatchReason: reason}
	if deny := lane.Deny; decided {
		p.DecisionEvent.Decision.Verdict = &deny
	}
	return p
}

// counted is the evidence of an attempt with this verdict, "" for none.
func counted(t *testing.T, v lane.Verdict) *Evidence {
	c, _ := asked(t, "kernel.ostype")
	c.Baseline = &lane.BaselineRow{RuntimeStatus: "observed", State: lane.Done, Result: lane.Result{Class: lane.OK}}
	row := lane.RuntimeRow{RuntimeStatus: "observed", State: lane.Done, Decision: lane.Decision{Reason: lane.OpNotWitnessed}}
	if v != "" {
		row.Decision = lane.Decision{Verdict: &v, Reason: lane.PrimaryOpDenied}
	}
	row.Context = c.context(1)
	return &Evidence{Case: c, Expect: expectation(c.Profile, c.Question), Rows: []lane.RuntimeRow{row}}
}

func TestTally(t *testing.T) {
	one := bundle.Counts{Probes: 1, Attempts: 1}
	for _, c := range []struct {
		name       string
		verdict    lane.Verdict
		judgement  mismatch.Judgement
		want       func(*bundle.Counts)
		mismatch   bool
		incomplete bool
		status     bundle.SummaryStatus
	}{
		{"as expected", lane.Deny, mismatch.Judgement{Met: true, Reached: true},
			func(c *bundle.Counts) { c.Deny, c.AsExpected = 1, 1 }, false, false, bundle.StatusOK},
		{"a mismatch", lane.Allow, mismatch.Judgement{Reached: true, Packets: []mismatch.Packet{packet(lane.PrimaryOpDenied, true)}},
			func(c *bundle.Counts) { c.Allow, c.Mismatches = 1, 1 }, true, false, bundle.StatusPartial},
		{"no decision", "", mismatch.Judgement{Reached: true, Packets: []mismatch.Packet{packet(lane.ProbeDied, false)}},
			func(c *bundle.Counts) { c.None, c.Undecided = 1, 1 }, false, true, bundle.StatusPartial},
		{"both", lane.Allow, mismatch.Judgement{Reached: true,
			Packets: []mismatch.Packet{packet(lane.PrimaryOpDenied, true), packet(lane.ProbeDied, false)}},
			func(c *bundle.Counts) { c.Allow, c.Undecided = 1, 1 }, true, true, bundle.StatusPartial},
		{"skipped", "", mismatch.Judgement{Skipped: true},
			func(c *bundle.Counts) { c.None, c.Skipped = 1, 1 }, false, false, bundle.StatusBlocked},
	} {
		t.Run(c.name, func(t *testing.T) {
			tally := NewTally(&plan.Plan{Profiles: []plan.Profile{{ID: "first"}, {ID: "sysctl.strict"}}})
			tally.Add(counted(t, c.verdict), c.judgement, false)
			want := one
			c.want(&want)
			if tally.All != want || *tally.Families["sysctl"] != want {
				t.Errorf("counted %+v, want %+v", tally.All, want)
			}
			if tally.Mismatch != c.mismatch || tally.Incomplete != c.incomplete || tally.Status() != c.status {
				t.Errorf("mismatch %t, incomplete %t, status %s", tally.Mismatch, tally.Incomplete, tally.Status())
			}
			if tally.Place("sysctl.strict") != 2 {
				t.Errorf("place %d", tally.Place("sysctl.strict"))
			}
		})
	}
}

// TestTallyOfSweeps: the targets of a sweep are counted, but no hypothesis is
// judged from them.
func TestTallyOfSweeps(t *testing.T) {
	for _, sweep := range []bool{true, false} {
		tally := NewTally(&plan.Plan{})
		tally.Add(counted(t, lane.Deny), mismatch.Judgement{Met: true}, sweep)
		if tally.All.Deny != 1 || (len(tally.Timings.Values) == 0) != sweep {
			t.Errorf("sweep %t: %d denials, %d timings", sweep, tally.All.Deny, len(tally.Timings.Values))
		}
	}
}

func TestSweepPackets(t *testing.T) {
	for reason, kept := range map[lane.Reason]bool{
		lane.ProbeDied: true, lane.OracleDisagreement: true, lane.CapturePipelineDisagreement: true,
		lane.ProtocolViolation: true, lane.OpNotWitnessed: false, lane.NotMediated: false, lane.PrimaryOpDenied: false,
	} {
		if got := len(SweepPackets([]mismatch.Packet{packet(reason, false)})); (got == 1) != kept {
			t.Errorf("%s: %d packets kept", reason, got)
		}
	}
}

func TestWrongTargets(t *testing.T) {
	var w WrongTargets
	e := counted(t, lane.Deny)
	w.Add(e, mismatch.Judgement{})
	for range maxWrong + 3 {
		w.Add(e, mismatch.Judgement{Packets: []mismatch.Packet{packet(lane.ProbeDied, false)}})
	}
	if len(w.First) != maxWrong || w.More != 3 || w.First[0].ID != "sysctl.strict:kernel.ostype" {
		t.Errorf("%d kept, %d more, first %+v", len(w.First), w.More, w.First[0])
	}
}

func TestNewLine(t *testing.T) {
	e := counted(t, lane.Deny)
	e.Rows[0].Decision.PolicyRule = &lane.RuleRef{File: "test.sb", Line: 2, Col: 1}
	e.Rows[0].Carrier = "dbus GetNameOwner kernel.ostype"
	e.Verdict, e.Oracle = lane.Deny, []lane.OracleRow{{Prediction: "deny"}}
	l := NewLine(e, mismatch.Judgement{Met: true})
	if !l.Met || l.ID != "sysctl.strict:kernel.ostype" || l.Predicted != "deny" || l.Enforced != "deny" ||
		l.Carrier != "dbus GetNameOwner" || !strings.HasPrefix(l.Rule, "test.sb:2") {
		t.Errorf("%+v", l)
	}
	e = counted(t, "")
	e.Baseline.Contained = true
	l = NewLine(e, mismatch.Judgement{Packets: []mismatch.Packet{packet(lane.OpNotWitnessed, false)}})
	if l.Met || l.Predicted != "-" || l.Enforced != "-" || l.NoSandbox != "contained" ||
		l.Rule != "no decision: op_not_witnessed" || len(l.Reasons) != 1 {
		t.Errorf("%+v", l)
	}
}

// TestNotesAsPlanned: of more expectations than a note names, a person gets the first
// of the plan, in any order in which profiles end. The documents go by bytes.
func TestNotesAsPlanned(t *testing.T) {
	p := &plan.Plan{}
	for _, id := range strings.Split("m l k j i h g f e d c b a", " ") {
		p.Profiles = append(p.Profiles, plan.Profile{ID: id})
	}
	tally := NewTally(p)
	for _, i := range rand.Perm(len(p.Profiles)) {
		e := &Evidence{Case: Case{Profile: &p.Profiles[i]}}
		e.Expect.ID = p.Profiles[i].ID + ":x@after"
		tally.note(bundle.DeniedTargetAbsent, e)
	}
	for name, c := range map[string]struct {
		notes []bundle.Note
		want  string
	}{
		"for people": {tally.NotesAsPlanned(), "m:x, l:x, k:x, j:x, i:x, h:x, g:x, f:x, e:x, d:x and 3 more;"},
		"documents":  {tally.Notes, "a:x, b:x, c:x, d:x, e:x, f:x, g:x, h:x, i:x, j:x and 3 more;"},
	} {
		if len(c.notes) != 1 || !strings.Contains(c.notes[0].String(), ": "+c.want) {
			t.Errorf("%s: %v", name, c.notes)
		}
	}
}

package seatbelt

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/lane"
)

var sealedAt = time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)

// at is a moment that many milliseconds after sealing.
func at(ms int) time.Time { return sealedAt.Add(time.Duration(ms) * time.Millisecond) }

func microseconds(t time.Time) int64 { return t.Sub(sealedAt).Microseconds() + 1_000_000_000 }

// said is a record of the kernel's, in its words.
func said(t *testing.T, ms int, text string) Record {
	t.Helper()
	r, err := ParseReport(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return Record{Kind: KindReport, Time: at(ms), Report: r}
}

func attempt(slot int, op, filter, value, target string, from, to int) Attempt {
	return Attempt{Slot: slot, Operation: op, Filter: lane.Filter{Name: filter, Value: value}, Target: target, Start: at(from), End: at(to)}
}

func TestTie(t *testing.T) {
	p := Sealed{PID: 42, At: sealedAt, Attempts: []Attempt{
		attempt(0, "sysctl-read", "sysctl-name", "kern.ostype", "", 10, 11),
		attempt(1, "sysctl-read", "sysctl-name", "kern.bootargs", "", 20, 21),
		attempt(2, "sysctl-read", "sysctl-name", "kern.bootargs", "", 3000, 3001),
		attempt(3, "signal", "target", "pid:77", "child", 40, 41),
		attempt(4, "signal", "target", "pid:1", "pid1", 50, 51),
		attempt(5, "process-info-pidinfo", "target", "pid:42", "self", 60, 61),
		{Slot: 6, Operation: "darwin-notification-post", Filter: lane.Filter{Name: "notification-name", Value: "x"},
			Dependencies: []string{"mach-lookup"}, Start: at(70), End: at(71)},
		{Slot: 7, Operation: "mach-lookup", Filter: lane.Filter{Name: "global-name", Value: "never.made"}},
	}}
	for _, c := range []struct {
		name string
		rec  Record
		slot int // -2: no row
	}{
		{"the value decides", said(t, 25, "Sandbox: a(42) deny(1) sysctl-read kern.bootargs"), 1},
		{"the nearer of two alike", said(t, 2500, "Sandbox: a(42) deny(1) sysctl-read kern.bootargs"), 2},
		{"the log's clock is behind", said(t, 15, "Sandbox: a(42) deny(1) sysctl-read kern.bootargs"), 1},
		{"too late for any", said(t, 9000, "Sandbox: a(42) deny(1) sysctl-read kern.bootargs"), -1},
		{"another value", said(t, 20, "Sandbox: a(42) deny(1) sysctl-read kern.boot"), -1},
		{"a cut value", said(t, 20, "Sandbox: a(42) deny(1) sysctl-read kern.bootargs<…>"), -1},
		{"another operation", said(t, 20, "Sandbox: a(42) deny(1) sysctl-write kern.bootargs"), -1},
		{"another process", said(t, 20, "Sandbox: a(43) deny(1) sysctl-read kern.bootargs"), -2},
		{"the platform's policy", said(t, 20, "System Policy: a(42) deny(1) sysctl-read kern.bootargs"), -2},
		{"before sealing", said(t, -5000, "Sandbox: a(42) deny(1) sysctl-read kern.bootargs"), -2},
		{"forged", Record{Kind: KindForged, Time: at(20)}, -2},
		{"a child by its pid", said(t, 40, "Sandbox: a(42) deny(1) signal children [a(77)] signum:30"), 3},
		{"another child", said(t, 40, "Sandbox: a(42) deny(1) signal children [a(78)] signum:30"), -1},
		{"pid 1 without a number", said(t, 50, "Sandbox: a(42) deny(1) signal initproc signum:0"), 4},
		{"pid 1 as a stranger", said(t, 50, "Sandbox: a(42) deny(1) signal others [launchd(1)] signum:0"), 4},
		{"oneself", said(t, 60, "Sandbox: a(42) deny(1) process-info-pidinfo self"), 5},
		{"not oneself", said(t, 60, "Sandbox: a(42) deny(1) process-info-pidinfo others [b(9)]"), -1},
		{"a dependency", said(t, 70, "Sandbox: a(42) deny(1) mach-lookup com.apple.system.notification_center"), 6},
		{"an attempt never made", said(t, 80, "Sandbox: a(42) deny(1) mach-lookup never.made"), 6},
	} {
		rows := Tie(p, []Record{c.rec}, microseconds)
		got := -2
		if len(rows) == 1 {
			got = rows[0].Slot
		}
		if got != c.slot {
			t.Errorf("%s: slot %d, want %d", c.name, got, c.slot)
		}
	}
}

// TestTieMembers: a child's report is put to the attempt it was started for, and
// its number counts only from its start on.
func TestTieMembers(t *testing.T) {
	members := Members{}
	members.Add([]Member{{77, at(10_000)}, {78, at(-60_000)}})
	p := Sealed{PID: 42, At: sealedAt, Members: members, Attempts: []Attempt{
		attempt(0, "signal", "target", "pid:77", "child", 12_000, 12_001),
		attempt(1, "signal", "target", "pid:77", "sibling", 12_000, 12_001),
		attempt(2, "process-info-pidinfo", "target", "pid:42", "self", 12_000, 12_001),
		{Slot: 3, Operation: "signal", Filter: lane.Filter{Name: "target", Value: "pid:78"}, Target: "child",
			Dependencies: []string{"process-exec*"}, Start: at(20_000), End: at(20_001)},
	}}
	for _, c := range []struct {
		name string
		rec  Record
		slot int // -2: no row
	}{
		{"a child before it was there: somebody else's number", said(t, 5_000, "Sandbox: a(77) deny(1) process-exec* /bin/x"), -2},
		{"a child", said(t, 12_000, "Sandbox: a(77) deny(1) file-read-data /x"), -1},
		{"a child's exec for the attempt", said(t, 20_000, "Sandbox: a(78) deny(1) process-exec* /bin/x"), 3},
		{"a child that names the target", said(t, 12_000, "Sandbox: a(78) deny(1) signal others [a(77)] signum:30"), 0},
		{"what a child calls itself is not the plugin", said(t, 12_000, "Sandbox: a(77) deny(1) process-info-pidinfo self"), -1},
		{"a child's own children", said(t, 12_000, "Sandbox: a(77) deny(1) signal children signum:30"), -1},
		{"a stranger", said(t, 12_000, "Sandbox: a(79) deny(1) process-exec* /bin/x"), -2},
	} {
		rows := Tie(p, []Record{c.rec}, microseconds)
		got := -2
		if len(rows) == 1 {
			got = rows[0].Slot
			if rows[0].PID != c.rec.Report.PID {
				t.Errorf("%s: the row is about process %d", c.name, rows[0].PID)
			}
		}
		if got != c.slot {
			t.Errorf("%s: slot %d, want %d", c.name, got, c.slot)
		}
	}
}

func TestMembers(t *testing.T) {
	m := Members{}
	for i := range 2 * maxMembers {
		m.Add([]Member{{i, at(0)}})
	}
	if len(m) != maxMembers {
		t.Errorf("%d members are kept", len(m))
	}
	tree := map[int][]int{1: {2, 3}, 3: {4}, 4: {3}, 9: {10}}
	got := family(1, []int{1, 2, 9}, func(pid int) []int { return tree[pid] })
	if !slices.Equal(got, []int{2, 3, 4, 9, 10}) {
		t.Errorf("got %v", got)
	}
	if got := family(7, nil, func(pid int) []int { return []int{pid + 1} }); len(got) != maxMembers {
		t.Errorf("an endless family: %d", len(got))
	}
}

func TestTieKeepsWhatTheLogSaid(t *testing.T) {
	p := Sealed{PID: 42, At: sealedAt}
	rows := Tie(p, []Record{
		said(t, 1, "Sandbox: a(42) allow sysctl-read kern.ostype"),
		said(t, 2, "5 duplicate reports for Sandbox: a(42) deny(1) signal initproc signum:15"),
	}, microseconds)
	if len(rows) != 2 || rows[0].Verdict != lane.Allow || rows[1].Verdict != lane.Deny || rows[1].Repeats != 5 ||
		rows[1].Seq != 2 || rows[1].Target.PID != 1 || rows[1].Filter.Value != "initproc signum:15" {
		t.Errorf("got %+v", rows)
	}
}

// TestDecideRecorded takes rows as they were recorded on Macs from the log's
// words to the decision, through the code that a run uses.
func TestDecideRecorded(t *testing.T) {
	const (
		ostype   = "Sandbox: hrhost-probe-sysctl(42) deny(1) sysctl-read kern.bootargs"
		cfprefsd = "Sandbox: hrhost-probe-mach(42) deny(1) mach-lookup com.apple.cfprefsd.daemon"
		centre   = "Sandbox: hrhost-probe-notify(42) deny(1) mach-lookup com.apple.system.notification_center"
	)
	for _, c := range []struct {
		name     string
		attempt  Attempt
		result   lane.ResultClass
		effect   lane.Effect
		baseline lane.Baseline
		edit     func(*lane.Attempt)
		log      string
		want     string
	}{
		{"bootstrap_look_up 1100 with its report", attempt(0, "mach-lookup", "global-name", "com.apple.cfprefsd.daemon", "", 1, 2),
			lane.Denied, "", lane.BaselineOK, nil, cfprefsd, "deny witnessed primary_op_denied mach-lookup"},
		{"bootstrap_look_up 1100, the log silent", attempt(0, "mach-lookup", "global-name", "com.apple.cfprefsd.daemon", "", 1, 2),
			lane.Denied, "", lane.BaselineOK, nil, "", "deny inferred primary_op_denied null"},
		{"bootstrap_look_up 0, the log silent", attempt(0, "mach-lookup", "global-name", "com.apple.cfprefsd.daemon", "", 1, 2),
			lane.OK, "", lane.BaselineOK, nil, "", "allow inferred no_denial_observed null"},
		{"1102 for a bogus name in both lanes", attempt(0, "mach-lookup", "global-name", "com.example.bogus", "", 1, 2),
			lane.Missing, "", lane.BaselineMissing, func(a *lane.Attempt) { a.PolicyBeforeExistence = true }, "", "allow inferred no_denial_observed null"},
		{"1100 for a bogus name, 1102 in the baseline", attempt(0, "mach-lookup", "global-name", "com.example.bogus", "", 1, 2),
			lane.Denied, "", lane.BaselineMissing, func(a *lane.Attempt) { a.PolicyBeforeExistence = true }, "", "deny inferred primary_op_denied null"},
		{"kern.bootargs EPERM with its report", attempt(0, "sysctl-read", "sysctl-name", "kern.bootargs", "", 1, 2),
			lane.Denied, "", lane.BaselineOK, nil, ostype, "deny witnessed primary_op_denied sysctl-read"},
		{"a report against a call that worked", attempt(0, "sysctl-read", "sysctl-name", "kern.bootargs", "", 1, 2),
			lane.OK, "", lane.BaselineOK, nil, ostype, "null none capture_pipeline_disagreement sysctl-read"},
		{"a missing sysctl, looked up before the policy", attempt(0, "sysctl-read", "sysctl-name", "kern.nope", "", 1, 2),
			lane.Missing, "", lane.BaselineMissing, nil, "", "null none target_absent null"},
		{"proc_pidinfo about pid 1, EPERM with no sandbox too", attempt(0, "process-info-pidinfo", "target", "pid:1", "pid1", 1, 2),
			lane.Denied, "", lane.BaselineSame, nil, "", "null none ambient_platform_restriction null"},
		{"the probe aborted at start-up (errno -6)", attempt(0, "sysctl-read", "sysctl-name", "kern.osrelease", "", 1, 2),
			lane.NoResult, "", lane.BaselineOK, func(a *lane.Attempt) {
				a.State, a.End, a.Signal, a.StoppedHere = lane.NotStarted, lane.Died, 6, true
			}, "", "null none probe_died null"},
		{"notify_post 0, nothing arrived, a control did", attempt(0, "darwin-notification-post", "notification-name", "x", "", 1, 2),
			lane.OK, lane.EffectAbsent, lane.BaselineOK, func(a *lane.Attempt) { a.OneWay, a.Observable, a.ControlEffectSeen = true, true, true },
			"", "deny inferred primary_op_denied null"},
		{"notify_post 9: the centre was denied", Attempt{Slot: 0, Operation: "darwin-notification-post", Filter: lane.Filter{Name: "notification-name", Value: "x"},
			Dependencies: []string{"mach-lookup"}, Start: at(1), End: at(2)},
			lane.Other, lane.EffectAbsent, lane.BaselineOK, func(a *lane.Attempt) { a.OneWay, a.Observable = true, true },
			centre, "null none probe_errno mach-lookup"},
	} {
		var records []Record
		if c.log != "" {
			records = append(records, said(t, 30, c.log))
		}
		rows := Tie(Sealed{PID: 42, At: sealedAt, Attempts: []Attempt{c.attempt}}, records, microseconds)
		a := lane.Attempt{
			Supported: true, State: lane.Done, End: lane.Returned, Arm: lane.After, Result: c.result, Effect: c.effect,
			Baseline: c.baseline, Witness: lane.SummarizeWitness(rows, window(c.attempt)),
		}
		if c.edit != nil {
			c.edit(&a)
		}
		if got := spoken(lane.Decide(a)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func window(a Attempt) lane.Window {
	return lane.Window{
		Slot: a.Slot, PIDs: []int{42}, Epoch: 1, StartUS: microseconds(a.Start), EndUS: microseconds(a.End),
		SlackUS: Slack.Microseconds(), Operation: a.Operation, Filter: a.Filter, Target: a.Target, Dependencies: slices.Clone(a.Dependencies),
	}
}

func spoken(d lane.Decision) string {
	verdict, first := "null", "null"
	if d.Verdict != nil {
		verdict = string(*d.Verdict)
	}
	if d.FirstDenialOp != nil {
		first = *d.FirstDenialOp
	}
	return fmt.Sprintf("%s %s %s %s", verdict, d.Tier, d.Reason, first)
}

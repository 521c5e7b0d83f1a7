package seatbelt

import (
	"fmt"
	"slices"
	"time"

	"github.com/hrhost/hrhost/host/lane"
)

// Slack is how far a record's time may be from the call it is about.
// fact:log.clock
const Slack = 2 * time.Second

// Sealed is the process that reports are tied to.
type Sealed struct {
	PID      int
	At       time.Time // when it was sealed
	Members  Members   // its children and their like, as far as they were seen
	Attempts []Attempt // in the order in which they were made
}

// Attempt is what a report must agree with to be about it.
type Attempt struct {
	Slot         int
	Operation    string
	Filter       lane.Filter // as used: "kern.bootargs", "pid:42"
	Target       string      // the planned process: self, child, sibling, pid1; "" for others
	Dependencies []string
	Start, End   time.Time // zero when not known
}

// Tie turns the kernel's reports about a process and its members into witness
// rows, in the order of the log. A report is put to the attempt of the same operation and target,
// or with the operation as a declared dependency, that was nearest in time and
// within Slack; one that fits none has slot -1. Reports about other processes,
// of the platform's own policy and from before sealing are left out.
//
// What a member's report calls a process by, as others or as self, is the member's
// view: it is about an attempt only where it names the process's number.
//
// monotonic turns a record's time into microseconds of the clock of package monotonic.
func Tie(p Sealed, records []Record, monotonic func(time.Time) int64) []lane.WitnessRow {
	var rows []lane.WitnessRow
	for _, rec := range records {
		r := rec.Report
		if rec.Kind != KindReport || !p.speaks(rec) || r.Policy != "Sandbox" || rec.Time.Before(p.At.Add(-Slack)) {
			continue
		}
		a := p.nearest(rec)
		row := lane.WitnessRow{
			Seq: int64(len(rows) + 1), Time: rec.Time.Format(time.RFC3339Nano),
			MonotonicUS: max(0, monotonic(rec.Time)), Epoch: 1, PID: r.PID, Slot: -1, Object: "unknown",
			Verdict: lane.Allow, By: lane.ByPolicy, How: "continue",
			Repeats: r.Duplicates, Truncated: r.Cut, Target: r.process(r.PID),
		}
		row.Operation = r.Operation
		row.Filter = lane.Filter{Value: r.Target}
		row.Stage, row.Carrier = lane.StageOperation, "unified log"
		if r.Denied {
			row.Verdict, row.How = lane.Deny, "deny"
		}
		if a != nil {
			row.Slot = a.Slot
			if a.Operation == r.Operation {
				row.Filter = a.Filter
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// speaks reports that a record is about the process or one of its members.
func (p Sealed) speaks(rec Record) bool {
	return rec.Report.PID == p.PID || p.Members.at(rec.Report.PID, rec.Time)
}

// nearest is the attempt that a report is about, nil for none.
func (p Sealed) nearest(rec Record) *Attempt {
	var best *Attempt
	for i := range p.Attempts {
		a := &p.Attempts[i]
		if !a.about(rec.Report, rec.Report.PID == p.PID) || a.apart(rec.Time) > Slack {
			continue
		}
		if best == nil || a.apart(rec.Time) < best.apart(rec.Time) {
			best = a
		}
	}
	return best
}

// apart is how long before or after the attempt a moment was.
func (a *Attempt) apart(t time.Time) time.Duration {
	switch {
	case a.Start.IsZero():
		return Slack + 1 // it was not made
	case t.Before(a.Start):
		return a.Start.Sub(t)
	case !a.End.IsZero() && t.After(a.End):
		return t.Sub(a.End)
	}
	return 0
}

// about reports whether a report has the attempt's operation and target; own is
// whether it is the plugin's and no member's. A cut target agrees with nothing.
func (a *Attempt) about(r Report, own bool) bool {
	switch {
	case r.Operation != a.Operation:
		return slices.Contains(a.Dependencies, r.Operation)
	case r.Cut:
		return false
	case a.Filter.Name == "":
		return true
	case a.Filter.Name == "target":
		return a.aboutProcess(r, own)
	}
	return a.Filter.Value == r.Target
}

// logged are the relations by which the kernel may name a planned process.
var logged = map[string][]string{
	"self":    {"self"},
	"child":   {"children", "same-sandbox", "pgrp", "others"},
	"sibling": {"same-sandbox", "others"},
	"pid1":    {"initproc", "others"},
}

func (a *Attempt) aboutProcess(r Report, own bool) bool {
	s, ok := ParseSubject(r.Target)
	if !own {
		return ok && s.PID != 0 && a.Filter.Value == fmt.Sprintf("pid:%d", s.PID)
	}
	if !ok || !slices.Contains(logged[a.Target], s.Relation) {
		return false
	}
	return s.PID == 0 || a.Filter.Value == fmt.Sprintf("pid:%d", s.PID)
}

// process is the report's target as a process, nil when it is none.
func (r Report) process(own int) *lane.ProcessTarget {
	s, ok := ParseSubject(r.Target)
	if !ok || s.PID == 0 && s.Relation != "self" && s.Relation != "initproc" {
		return nil
	}
	t := &lane.ProcessTarget{PID: s.PID, Relations: []string{s.Relation}}
	switch {
	case s.Relation == "self":
		t.PID = own
	case s.Relation == "initproc":
		t.PID = 1
	}
	return t
}

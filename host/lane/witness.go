package lane

import (
	"slices"
	"strings"
)

// Window is what makes a witness row part of an attempt: its slot, its times,
// its epoch and its process, and what the attempt was about.
type Window struct {
	Slot     int   // recorder slot, -1 without a recorder
	PIDs     []int // the process and its descendants; empty: any the witness watches
	Epoch    int   // 1 once sealed
	StartUS  int64 // as MonotonicUS of a WitnessRow
	EndUS    int64 // 0 when the attempt never ended
	Complete bool  // the witness misses nothing
	SlackUS  int64 // how far the witness's clock may be off; 0: it is the attempt's own

	API          string // the call whose result is claimed: "open", "kill"
	Operation    string
	Filter       Filter   // the value as the probe used it: "kernel.ostype", "pid:42"
	Target       string   // planned process target: self, child, sibling, pid1, missing, or a number (pid:42); "" for others
	Implied      []Filter // facts that the plan's target implies, where the policy asks about them
	Dependencies []string // operations the probe's Spec declares
}

// clockSlackUS is how far the attempt's clock and the witness's may disagree.
// Attempts of one process are further apart than that: there is a message
// between any two.
const clockSlackUS = 2 // internal/monotonic.Slack

// SummarizeWitness reads the witness rows of one attempt's window. Rows are in
// the order of their sequence; Rows of the summary are indices into them.
//
// A row of the primary operation speaks only when its filter value is the
// attempt's too. Any deny wins. The prelude's rows are not evidence, and a row
// by containment is never a verdict.
func SummarizeWitness(rows []WitnessRow, w Window) WitnessSummary {
	s := WitnessSummary{Complete: w.Complete}
	for i := range rows {
		r := &rows[i]
		if r.By == ByPrelude || !w.holds(r) {
			continue
		}
		s.Rows = append(s.Rows, i)
		switch {
		case r.By == ByContainment:
			s.contained(r, w)
		case r.By != ByPolicy:
		case r.Operation == w.Operation && w.about(r):
			s.primary(r, w.API)
		case slices.Contains(w.Dependencies, r.Operation):
			s.dependency(r)
		}
	}
	return s
}

// contained notes a refusal by the fence: of the primary operation, or of a call
// for which no operation is judged.
func (s *WitnessSummary) contained(r *WitnessRow, w Window) {
	switch {
	case r.Verdict != Deny:
	case r.Operation == w.Operation && w.about(r):
		s.ContainmentRefused = true
	case r.Operation == "" && r.isCall(w.API):
		s.CallRefused = true
	}
}

func (s *WitnessSummary) primary(r *WitnessRow, api string) {
	if r.Verdict == Allow && r.isCall(api) {
		s.perform(r)
	}
	switch {
	case r.Verdict == Deny && s.Primary != Deny:
		s.Primary, s.PrimaryRule, s.SendSignal = Deny, r.Rule, r.SendSignal
		s.denied(r)
	case r.Verdict == Allow && s.Silent():
		s.Primary, s.PrimaryRule = Allow, r.Rule
	}
}

// isCall reports that a row is about a call by that name of the C library.
func (r *WitnessRow) isCall(api string) bool {
	return r.Syscall == api || api == "open" && (r.Syscall == "openat" || r.Syscall == "openat2")
}

// perform notes what an allowed call returned to the enforcement point, if that
// made it.
func (s *WitnessSummary) perform(r *WitnessRow) {
	errno := 0
	switch {
	case r.How == "emulate" && r.Errno != nil:
		errno = *r.Errno
	case r.How != "inject" && r.How != "emulate":
		s.unknown = true
	}
	if s.Performed = append(s.Performed, errno); s.unknown {
		s.Performed = nil
	}
}

func (s *WitnessSummary) dependency(r *WitnessRow) {
	if r.Verdict != Deny {
		return
	}
	if d := s.denied(r); s.Other == nil {
		s.Other = d
	}
}

func (s *WitnessSummary) denied(r *WitnessRow) *Denial {
	d := &Denial{Operation: r.Operation, Rule: r.Rule}
	if r.Filter.Name != "" {
		d.Filters = []Filter{r.Filter}
	}
	if s.First == nil {
		s.First = d
	}
	return d
}

// holds reports that a row lies in the window. A slot that the monitor noted
// must be the attempt's, and its time must agree.
func (w Window) holds(r *WitnessRow) bool {
	slack := max(w.SlackUS, clockSlackUS)
	switch {
	case r.Epoch != w.Epoch:
		return false
	case w.Slot >= 0 && r.Slot != w.Slot:
		return false
	case r.MonotonicUS < w.StartUS-slack, w.EndUS != 0 && r.MonotonicUS > w.EndUS+slack:
		return false
	}
	return len(w.PIDs) == 0 || slices.Contains(w.PIDs, r.PID)
}

// about reports that a row of the same operation is about the same thing.
func (w Window) about(r *WitnessRow) bool {
	switch {
	case slices.ContainsFunc(w.Implied, r.belies):
		return false
	case w.Filter.Name == "":
		return r.Filter.Name == ""
	case w.Filter.Name == "target":
		return r.Filter.Name == "target" && w.aboutProcess(r)
	}
	return w.Filter.Value != "" && slices.Contains(r.About(), w.Filter)
}

// aboutProcess compares processes: the claimed pid, where one is claimed, and
// the relation that the plan asked for.
func (w Window) aboutProcess(r *WitnessRow) bool {
	claim := w.Filter.Value
	if strings.HasPrefix(claim, "pid:") && !samePID(claim, r.Filter.Value) {
		return false
	}
	if w.Target == "" {
		return strings.HasPrefix(claim, "pid:")
	}
	return w.related(r)
}

// samePID compares "pid:42" with "pid:42@178233"; two start times must agree.
func samePID(claim, seen string) bool {
	cp, cs, claimsStart := strings.Cut(claim, "@")
	sp, ss, _ := strings.Cut(seen, "@")
	return cp == sp && (!claimsStart || cs == ss)
}

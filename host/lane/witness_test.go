package lane

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSummarizeWitness(t *testing.T) {
	w := Window{Slot: 0, Epoch: 1, StartUS: 10, EndUS: 20, Complete: true, Operation: "sysctl-read",
		Filter: Filter{Name: "sysctl-name", Value: "a"}, Dependencies: []string{"mach-lookup"}}
	mk := func(v Verdict, edit func(*WitnessRow)) WitnessRow {
		r := WitnessRow{Epoch: 1, MonotonicUS: 15, Verdict: v, By: ByPolicy}
		r.Operation, r.Filter = "sysctl-read", Filter{Name: "sysctl-name", Value: "a"}
		if edit != nil {
			edit(&r)
		}
		return r
	}
	for _, c := range []struct {
		name  string
		rows  []WitnessRow
		want  Verdict
		other bool
		fence bool
	}{
		{"any deny wins", []WitnessRow{mk(Allow, nil), mk(Deny, nil), mk(Allow, nil)}, Deny, false, false},
		{"another value", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.Filter.Value = "b" })}, "", false, false},
		{"a fact of the call's", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.Filter, r.Facts = Filter{"path", "/x"}, []Filter{r.Filter} })}, Deny, false, false},
		{"another slot", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.Slot = 1 })}, "", false, false},
		{"late by the clocks' slack", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.MonotonicUS = 20 + clockSlackUS })}, Deny, false, false},
		{"too late", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.MonotonicUS = 21 + clockSlackUS })}, "", false, false},
		{"too early", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.MonotonicUS = 9 - clockSlackUS })}, "", false, false},
		{"before sealing", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.Epoch = 0 })}, "", false, false},
		{"prelude", []WitnessRow{mk(Allow, func(r *WitnessRow) { r.By = ByPrelude })}, "", false, false},
		{"containment", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.By = ByContainment })}, "", false, true},
		{"containment of another value", []WitnessRow{mk(Deny, func(r *WitnessRow) {
			r.By, r.Filter.Value = ByContainment, "b"
		})}, "", false, false},
		{"dependency", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.Operation = "mach-lookup" })}, "", true, false},
	} {
		s := SummarizeWitness(c.rows, w)
		if s.Primary != c.want || (s.Other != nil) != c.other || s.ContainmentRefused != c.fence {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// TestPerformed: the enforcement point knows the result of a call that it made
// itself, if that call is the one whose result is claimed.
func TestPerformed(t *testing.T) {
	made := func(v Verdict, syscall, how string, errno int) WitnessRow {
		r := WitnessRow{Epoch: 1, Verdict: v, By: ByPolicy, Syscall: syscall, How: how}
		r.Operation = "sysctl-read"
		if errno != 0 {
			r.Errno = &errno
		}
		return r
	}
	for _, c := range []struct {
		name string
		api  string
		rows []WitnessRow
		want []int
	}{
		{"injected", "open", []WitnessRow{made(Allow, "openat", "inject", 0)}, []int{0}},
		{"failed", "open", []WitnessRow{made(Allow, "openat2", "emulate", 2)}, []int{2}},
		{"worked", "kill", []WitnessRow{made(Allow, "kill", "emulate", 0)}, []int{0}},
		{"twice", "open", []WitnessRow{made(Allow, "open", "inject", 0), made(Allow, "openat", "emulate", 2)}, []int{0, 2}},
		{"denied", "open", []WitnessRow{made(Deny, "openat", "deny", 1)}, nil},
		{"the kernel's", "open", []WitnessRow{made(Allow, "openat", "continue", 0)}, nil},
		{"one of them the kernel's", "open", []WitnessRow{made(Allow, "openat", "continue", 0), made(Allow, "openat", "inject", 0)}, nil},
		{"another call", "read", []WitnessRow{made(Allow, "openat", "inject", 0)}, nil},
		{"nothing claimed", "", []WitnessRow{made(Allow, "openat", "inject", 0)}, nil},
	} {
		w := Window{Slot: 0, Epoch: 1, Complete: true, Operation: "sysctl-read", API: c.api}
		if got := SummarizeWitness(c.rows, w).Performed; !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestFacts: of an operation that is about several things, all that the attempt
// is known by must agree.
func TestFacts(t *testing.T) {
	row := WitnessRow{Epoch: 1, Verdict: Deny, By: ByPolicy, Facts: []Filter{{"socket-type", "SOCK_RAW"}, {"socket-protocol", "0"}}}
	row.Operation, row.Filter = "system-socket", Filter{"socket-domain", "AF_NETLINK"}
	for _, c := range []struct {
		filter Filter
		want   Verdict
	}{
		{Filter{"socket-domain", "AF_NETLINK"}, Deny},
		{Filter{"socket-domain", "AF_NETLINK/SOCK_RAW"}, Deny},
		{Filter{"socket-domain", "AF_NETLINK/SOCK_RAW/0"}, Deny},
		{Filter{"socket-domain", "AF_NETLINK/SOCK_RAW/9"}, ""},
		{Filter{"socket-domain", "AF_NETLINK/SOCK_DGRAM"}, ""},
		{Filter{"socket-domain", "AF_PACKET"}, ""},
		{Filter{"socket-domain", ""}, ""},
		{Filter{"socket-type", "SOCK_RAW"}, Deny},
		{Filter{"socket-type", "SOCK_DGRAM"}, ""},
		{Filter{"", ""}, ""},
	} {
		w := Window{Slot: 0, Epoch: 1, Complete: true, Operation: "system-socket", Filter: c.filter}
		if s := SummarizeWitness([]WitnessRow{row}, w); s.Primary != c.want {
			t.Errorf("%v: %q, want %q", c.filter, s.Primary, c.want)
		}
	}
}

// TestRelations: a row is about a planned process when the relations are exactly the
// plan's. One that is missing or in excess would let a plugin choose the deciding rule.
func TestRelations(t *testing.T) {
	const caller = 7
	for _, c := range []struct {
		target    string
		pid       int
		relations string
		object    string
		complete  Verdict // of a witness that misses nothing
		logged    Verdict // of a log
	}{
		{"self", caller, "self", "exists", Deny, Deny},
		{"self", 8, "others same-sandbox", "exists", "", ""},
		{"child", 8, "others children pgrp same-sandbox", "exists", Deny, Deny},
		{"child", 8, "others children same-sandbox", "exists", "", Deny}, // another group
		{"child", 8, "children", "exists", "", Deny},
		{"child", 8, "others pgrp same-sandbox", "exists", "", ""},
		{"child", 8, "others children pgrp same-sandbox initproc", "exists", "", ""},
		{"sibling", 8, "others same-sandbox", "exists", Deny, Deny},
		{"sibling", 8, "same-sandbox", "exists", "", Deny},
		{"sibling", 8, "others children same-sandbox", "exists", "", ""}, // its own child
		{"sibling", 8, "others pgrp same-sandbox", "exists", "", ""},
		{"sibling", 8, "others", "exists", "", ""},
		{"pid1", 1, "others initproc", "exists", Deny, Deny},
		{"pid1", 1, "others initproc same-sandbox", "exists", "", Deny},
		{"pid1", 8, "others", "exists", "", ""},
		{"missing", 8, "others", "absent", Deny, Deny},
		{"missing", 8, "others", "exists", "", ""},
		{"missing", 8, "others children same-sandbox", "absent", "", Deny},
		{"pid:8", 8, "others", "exists", Deny, Deny},
		{"pid:8", 8, "others children pgrp same-sandbox", "exists", "", Deny}, // its child, by a number used again
		{"pid:7", caller, "self", "exists", Deny, Deny},
		{"pid:1", 1, "others initproc", "exists", Deny, Deny},
		{"pid:9", 8, "others", "exists", "", ""},
		{"stranger", 8, "others", "exists", "", ""},
	} {
		row := WitnessRow{Epoch: 1, Verdict: Deny, By: ByPolicy, PID: caller, Object: c.object,
			Target: &ProcessTarget{PID: c.pid, Relations: strings.Fields(c.relations)}}
		row.Operation, row.Filter = "signal", Filter{"target", fmt.Sprintf("pid:%d@5", c.pid)}
		for complete, want := range map[bool]Verdict{true: c.complete, false: c.logged} {
			w := Window{Epoch: 1, Complete: complete, Operation: "signal", Target: c.target,
				Filter: Filter{"target", fmt.Sprintf("pid:%d", c.pid)}}
			if s := SummarizeWitness([]WitnessRow{row}, w); s.Primary != want {
				t.Errorf("%s, a process that is %s: %q, want %q (complete %t)", c.target, c.relations, s.Primary, want, complete)
			}
		}
	}
}

// TestImplied: a fact that the target implies must be the row's, if the row has one of
// that name.
func TestImplied(t *testing.T) {
	sent := func(facts ...Filter) WitnessRow {
		r := WitnessRow{Epoch: 1, Verdict: Allow, By: ByPolicy, PID: 7, Facts: facts,
			Target: &ProcessTarget{PID: 7, Relations: []string{"self"}}}
		r.Operation, r.Filter = "signal", Filter{"target", "pid:7@5"}
		return r
	}
	number := func(v string) Filter { return Filter{"signal-number", v} }
	for _, c := range []struct {
		name    string
		row     WitnessRow
		implied []Filter
		want    Verdict
	}{
		{"the signal", sent(number("SIGUSR1"), number("30")), []Filter{number("SIGUSR1")}, Allow},
		{"another signal", sent(number("SIGTERM"), number("15")), []Filter{number("SIGUSR1")}, ""},
		{"none at all", sent(number("0")), []Filter{number("SIGUSR1")}, ""},
		{"no number in the row", sent(), []Filter{number("SIGUSR1")}, Allow},
		{"the profile does not ask", sent(number("SIGTERM"), number("15")), nil, Allow},
	} {
		w := Window{Epoch: 1, Complete: true, Operation: "signal", Target: "self", Filter: Filter{"target", "pid:7"},
			Implied: c.implied}
		if s := SummarizeWitness([]WitnessRow{c.row}, w); s.Primary != c.want {
			t.Errorf("%s: %q, want %q", c.name, s.Primary, c.want)
		}
	}
	for target, want := range map[string]string{
		"self": "SIGUSR1", "child": "SIGUSR1", "sibling": "SIGUSR1", "pid1": "0", "missing": "0", "pid:42": "0",
	} {
		if got := Signal(target); got != want {
			t.Errorf("a signal to %s: %s, want %s", target, got, want)
		}
	}
}

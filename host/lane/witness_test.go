package lane

import (
	"slices"
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
		{"containment of another value", []WitnessRow{mk(Deny, func(r *WitnessRow) { r.By, r.Filter.Value = ByContainment, "b" })}, "", false, false},
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

package enforce

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// facts spells a query's as "name=value" words.
func facts(q sbpl.Query) string {
	var out []string
	for _, f := range q.Filters {
		out = append(out, f.Name+"="+f.Value)
	}
	for _, name := range q.Absent {
		out = append(out, "-"+name)
	}
	return strings.Join(out, " ")
}

func TestPlanned(t *testing.T) {
	for _, tt := range []struct {
		filter, target string
		pid            int
		want           string
	}{
		{"", "", 7, ""},
		{"sysctl-name", "kernel.ostype", 7, "sysctl-name=kernel.ostype"},
		{"socket-domain", "AF_NETLINK/SOCK_RAW/0", 7, "socket-domain=AF_NETLINK socket-type=SOCK_RAW socket-protocol=0"},
		{"target", "self", 7, "target=self"},
		{"target", "child", 7, "target=others target=children target=same-sandbox target=pgrp"},
		{"target", "pid1", 7, "target=others target=initproc"},
		{"target", "pid:7", 7, "target=self"},
		{"target", "pid:7", Nobody, "target=others"},
		{"target", "pid:-1", Nobody, "target=others"}, // a plugin may list what is no number of a process
		{"target", "pid:1", 7, "target=others target=initproc"},
		{"target", "pid:8", 7, "target=others"},
		{"target", "pid:8", 0, "target=pid:8"}, // the live enforcement point looks it up
	} {
		if got := facts(Planned("op", tt.filter, tt.target, tt.pid)); got != tt.want {
			t.Errorf("%s %q for %d: %s, want %s", tt.filter, tt.target, tt.pid, got, tt.want)
		}
	}
}

// TestAsked is the shapes of rows; those that the monitor and the gateway really
// write are held to it in their own tests.
func TestAsked(t *testing.T) {
	row := func(name, value string) *lane.WitnessRow {
		r := &lane.WitnessRow{Object: "exists"}
		r.Operation, r.Filter = "op", lane.Filter{Name: name, Value: value}
		return r
	}
	socket := row("socket-domain", "AF_NETLINK")
	socket.Facts = []lane.Filter{{Name: "socket-type", Value: "SOCK_RAW"}}
	kill := row("target", "pid:8@5")
	kill.Target, kill.Facts = &lane.ProcessTarget{PID: 8, Relations: []string{"others", "children"}}, []lane.Filter{{Name: "signal-number", Value: "15"}}
	device := row("path", "/dev/none")
	device.Object = "absent"
	absent := row("sysctl-name", "kernel.none")
	absent.Object = "absent"
	for want, r := range map[string]*lane.WitnessRow{
		"":                          row("", ""),
		"sysctl-name=kernel.ostype": row("sysctl-name", "kernel.ostype"),
		"sysctl-name=kernel.none":   absent,
		"socket-domain=AF_NETLINK socket-type=SOCK_RAW":    socket,
		"target=others target=children signal-number=15":   kill,
		"path=/dev/none -" + strings.Join(NodeFacts, " -"): device,
	} {
		if got := facts(Asked(r)); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
}

func TestUnfit(t *testing.T) {
	const caller = 7
	for _, tt := range []struct {
		value string
		p     *lane.ProcessTarget
		fits  bool
	}{
		{"pid:7@5", &lane.ProcessTarget{PID: 7, StartTime: "5", Relations: []string{"self"}}, true},
		{"pid:8@5", &lane.ProcessTarget{PID: 8, StartTime: "5", Relations: []string{"others", "pgrp"}}, true},
		{"pid:1@0", &lane.ProcessTarget{PID: 1, StartTime: "0", Relations: []string{"others", "initproc"}}, true},
		{"pid:7@", &lane.ProcessTarget{PID: 7, Relations: []string{"others"}}, true}, // a thread that its process does not have
		{"pgrp:6", &lane.ProcessTarget{PID: 8, StartTime: "5", Relations: []string{"others", "pgrp"}}, true},
		{"pid:8@5", nil, false},
		{"pid:8@5", &lane.ProcessTarget{PID: 9, StartTime: "5", Relations: []string{"others"}}, false},
		{"pid:8@5", &lane.ProcessTarget{PID: 8, StartTime: "5", Relations: []string{"self"}}, false},
		{"pid:7@5", &lane.ProcessTarget{PID: 7, StartTime: "5", Relations: []string{"others"}}, false},
		{"pid:1@0", &lane.ProcessTarget{PID: 1, StartTime: "0", Relations: []string{"others"}}, false},
		{"pid:8@5", &lane.ProcessTarget{PID: 8, StartTime: "5", Relations: []string{"others", "initproc"}}, false},
		{"pid:8@5", &lane.ProcessTarget{PID: 8, StartTime: "5", Relations: []string{"children"}}, false},
		{"pid:7@5", &lane.ProcessTarget{PID: 7, StartTime: "5", Relations: []string{"self", "others"}}, false},
	} {
		r := &lane.WitnessRow{PID: caller, Target: tt.p}
		r.Filter = lane.Filter{Name: "target", Value: tt.value}
		if why := Unfit(r); (why == "") != tt.fits {
			t.Errorf("%s %+v: %q", tt.value, tt.p, why)
		}
	}
}

func TestClaimed(t *testing.T) {
	row := func(epoch int, by lane.By, v lane.Verdict, op, syscall, reason string) *lane.WitnessRow {
		r := &lane.WitnessRow{Epoch: epoch, By: by, Verdict: v, Syscall: syscall, Reason: reason}
		r.Operation = op
		return r
	}
	got := map[string]string{}
	for name, r := range map[string]*lane.WitnessRow{
		"policy":    row(1, lane.ByPolicy, lane.Deny, "signal", "kill", ""),
		"prelude":   row(0, lane.ByPrelude, lane.Allow, "signal", "kill", ""),
		"fence":     row(1, lane.ByContainment, lane.Deny, "signal", "kill", "a signal to the host that watches"),
		"undecided": row(1, lane.ByContainment, lane.Deny, "signal", "kill", Undecided+": missing fact signal-number"),
		"bus":       row(1, lane.ByContainment, lane.Deny, "mach-lookup", "dbus", "a connection that owns no name"),
		"no call":   row(1, lane.ByContainment, lane.Deny, "", "io_uring_setup", "a system call that the monitor does not know"),
	} {
		got[name] = Claimed(r)
	}
	want := map[string]string{"policy": "deny", "prelude": "", "fence": "allow", "undecided": "unknown", "bus": "", "no call": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

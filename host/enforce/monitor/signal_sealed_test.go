//go:build linux && amd64

package monitor

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// siginfo is what sigqueue sends.
func siginfo(sig int) arg {
	b := make([]byte, siginfoSize)
	code := int32(-1) // SI_QUEUE
	binary.NativeEndian.PutUint32(b, uint32(sig))
	binary.NativeEndian.PutUint32(b[8:], uint32(code))
	return raw(b...)
}

func fOwnerEx(kind, pid int) arg {
	b := make([]byte, 8)
	binary.NativeEndian.PutUint32(b, uint32(kind))
	binary.NativeEndian.PutUint32(b[4:], uint32(pid))
	return raw(b...)
}

func pidBytes(pid int) arg {
	b := make([]byte, 4)
	binary.NativeEndian.PutUint32(b, uint32(int32(pid)))
	return raw(b...)
}

// waysToSignal are the calls that send sig to a process, or have it sent.
func waysToSignal(pid, sig int) map[string][]order {
	p, s := num(int64(pid)), num(int64(sig))
	pipe := sys(unix.SYS_SOCKETPAIR, num(unix.AF_UNIX), num(unix.SOCK_STREAM), num(0), buf(8))
	return map[string][]order{
		"kill":              {sys(unix.SYS_KILL, p, s)},
		"tkill":             {sys(unix.SYS_TKILL, p, s)},
		"tgkill":            {sys(unix.SYS_TGKILL, p, p, s)},
		"rt_sigqueueinfo":   {sys(unix.SYS_RT_SIGQUEUEINFO, p, s, siginfo(sig))},
		"rt_tgsigqueueinfo": {sys(unix.SYS_RT_TGSIGQUEUEINFO, p, p, s, siginfo(sig))},
		"pidfd_send_signal": {sys(unix.SYS_PIDFD_OPEN, p, num(0)).as("pidfd"), sys(unix.SYS_PIDFD_SEND_SIGNAL, reg("pidfd"), s, num(0), num(0))},
		"F_SETOWN":          {pipe, sys(unix.SYS_FCNTL, num(controlFD), num(unix.F_SETOWN), p)},
	}
}

func TestSignalOthers(t *testing.T) {
	other := stranger(t)
	denied := sealWith(t, denying("signal others"))
	allowed := sealWith(t, denying())
	for name, orders := range waysToSignal(other, 0) {
		if r := denied.do(orders...); r.Errno != int(unix.EPERM) {
			t.Errorf("%s denied: %s", name, errnoName(r.Errno))
		}
		row := wantRow(t, denied.take(), "* signal pid:* deny/policy/deny")
		if row != nil && !slices.Equal(row.Target.Relations, []string{"others"}) {
			t.Errorf("%s: relations %v", name, row.Target.Relations)
		}
		if r := allowed.do(orders...); r.Errno != 0 {
			t.Errorf("%s allowed: %s", name, errnoName(r.Errno))
		}
		how := "emulate" // Landlock would refuse it to the plugin
		if name == "F_SETOWN" {
			how = "continue"
		}
		wantRow(t, allowed.take(), "* signal pid:* allow/policy/"+how)
	}
	for name, o := range map[string]order{
		"F_SETOWN_EX": sys(unix.SYS_FCNTL, num(controlFD), num(unix.F_SETOWN_EX), fOwnerEx(1, other)),
		"FIOSETOWN":   sys(unix.SYS_IOCTL, num(controlFD), num(ioctlFIOSETOWN), pidBytes(other)),
		"SIOCSPGRP":   sys(unix.SYS_IOCTL, num(controlFD), num(ioctlSIOCSPGRP), pidBytes(-other)),
	} {
		if r := denied.do(o); r.Errno != int(unix.EPERM) {
			t.Errorf("%s denied: %s", name, errnoName(r.Errno))
		}
		wantRow(t, denied.take(), "* signal pid:* deny/policy/deny")
		if r := allowed.do(o); r.Errno != int(unix.EPERM) {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
		}
		wantRow(t, allowed.take(), "* signal pid:* deny/containment/deny")
	}
	if unix.Kill(other, 0) != nil {
		t.Error("the other process is gone")
	}
}

// TestSignalArrives shows that an allowed signal that leaves the tree is really
// sent, by each call.
func TestSignalArrives(t *testing.T) {
	s := sealWith(t, denying())
	for _, name := range []string{"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"} {
		other := stranger(t)
		if r := s.do(waysToSignal(other, int(unix.SIGTERM))[name]...); r.Errno != 0 {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
			continue
		}
		var ws unix.Siginfo
		if err := unix.Waitid(unix.P_PID, other, &ws, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignalRelations(t *testing.T) {
	var mu sync.Mutex
	var asked []sbpl.Query
	s := seal(t)
	s.notes = true
	child := int(s.do(order{Prog: "child"}).Ret)
	if _, err := s.m.Seal(decider(func(q sbpl.Query) sbpl.Action {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, q)
		return sbpl.Allow
	})); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pid  int
		want []string
	}{
		{s.pid, []string{"self"}},
		{child, []string{"others", "children", "pgrp", "same-sandbox"}},
		{1, []string{"others", "initproc"}},
		{stranger(t), []string{"others"}},
	} {
		mu.Lock()
		asked = nil
		mu.Unlock()
		s.take()
		s.do(sys(unix.SYS_KILL, num(int64(c.pid)), num(0)))
		mu.Lock()
		row := wantRow(t, s.take(), "kill signal pid:* allow/policy/*")
		if len(asked) != 1 || !slices.Equal(fact(asked[0], "target"), c.want) || !slices.Equal(fact(asked[0], "signal-number"), []string{"0"}) {
			t.Errorf("%d: asked %+v, want %v", c.pid, asked, c.want)
		}
		if row != nil && !slices.Equal(row.Target.Relations, c.want) {
			t.Errorf("%d: row says %v, want %v", c.pid, row.Target.Relations, c.want)
		}
		mu.Unlock()
	}
	if r := s.do(sys(unix.SYS_KILL, num(int64(child)), num(int64(unix.SIGTERM)))); r.Errno != 0 {
		t.Errorf("signalling the child: %s", errnoName(r.Errno))
	}
	if r := s.do(sys(unix.SYS_GETPID).as("x"), order{Prog: "reapall"}); !strings.Contains(r.Text, "terminated") {
		t.Errorf("the child: %q", r.Text)
	}
}

func init() {
	programs["reapall"] = func(order, map[string]int64) report {
		var text string
		for pid := range sleepers {
			r := reapSleeper(order{Args: []arg{reg("pid")}}, map[string]int64{"pid": int64(pid)})
			text += r.Text
		}
		return report{Text: text}
	}
}

// TestSignalGroups: every member must be allowed.
func TestSignalGroups(t *testing.T) {
	other := stranger(t)
	s := seal(t)
	s.do(order{Prog: "child"})
	if _, err := s.m.Seal(denying("signal others")); err != nil {
		t.Fatal(err)
	}
	s.take()
	for _, c := range []struct {
		pid  int
		want string
	}{
		{0, "kill signal pgrp:" + strconv.Itoa(s.pid) + " deny/policy/deny"},
		{-s.pid, "kill signal pgrp:" + strconv.Itoa(s.pid) + " deny/policy/deny"},
		{-1, "kill signal all deny/policy/deny"},
		{-other, "kill signal pgrp:" + strconv.Itoa(other) + " deny/policy/deny"},
	} {
		if r := s.do(sys(unix.SYS_KILL, num(int64(c.pid)), num(0))); r.Errno != int(unix.EPERM) {
			t.Errorf("kill(%d): %s", c.pid, errnoName(r.Errno))
		}
		wantRow(t, s.take(), c.want)
	}
	open := sealWith(t, decider(func(q sbpl.Query) sbpl.Action {
		if q.Operation == opSignal && slices.Equal(fact(q, "target"), []string{"others"}) && fact(q, "signal-number")[0] == "SIGKILL" {
			return sbpl.Deny
		}
		return sbpl.Allow
	}))
	if r := open.do(sys(unix.SYS_KILL, num(0), num(0))); r.Errno != 0 {
		t.Errorf("own group: %s", errnoName(r.Errno))
	}
	wantRow(t, open.take(), "kill signal pgrp:* allow/policy/continue")
	if r := open.do(sys(unix.SYS_KILL, num(int64(-other)), num(0))); r.Errno != 0 {
		t.Errorf("another group: %s", errnoName(r.Errno))
	}
	wantRow(t, open.take(), "kill signal pgrp:* allow/policy/emulate")
	if r := open.do(sys(unix.SYS_KILL, num(-1), num(int64(unix.SIGURG)))); r.Errno != int(unix.EPERM) {
		t.Errorf("everybody: %s", errnoName(r.Errno))
	}
	wantRow(t, open.take(), "kill signal all deny/containment/deny")
}

// TestSignalSelf leaves no rule out: self may be denied by name too.
func TestSignalSelf(t *testing.T) {
	s := sealWith(t, denying("signal self"))
	for _, o := range []order{sys(unix.SYS_KILL, num(int64(s.pid)), num(0)), sys(unix.SYS_TKILL, num(int64(s.pid)), num(0))} {
		if r := s.do(o); r.Errno != int(unix.EPERM) {
			t.Errorf("denied: %s", errnoName(r.Errno))
		}
	}
	a := sealWith(t, denying("signal others"))
	if r := a.do(sys(unix.SYS_KILL, num(int64(a.pid)), num(0))); r.Errno != 0 {
		t.Errorf("allowed: %s", errnoName(r.Errno))
	}
	wantRow(t, a.take(), fmt.Sprintf("kill signal pid:%d@* allow/policy/continue", a.pid))
}

// TestHostIsSafe: the watcher cannot be killed by what it watches.
func TestHostIsSafe(t *testing.T) {
	s := sealWith(t, denying())
	if r := s.do(sys(unix.SYS_KILL, num(int64(unix.Getpid())), num(int64(unix.SIGURG)))); r.Errno != int(unix.EPERM) {
		t.Errorf("%s", errnoName(r.Errno))
	}
	wantRow(t, s.take(), "kill signal pid:* deny/containment/deny")
}

func TestSignalNames(t *testing.T) {
	for sig, want := range map[int][]string{
		0: {"0"}, int(unix.SIGKILL): {"SIGKILL", "9"}, int(unix.SIGUSR1): {"SIGUSR1", "30"}, int(unix.SIGPWR): {"SIGPWR"}, 40: {"linux-40"},
	} {
		if got := fact(sbpl.Query{Filters: signalFacts(sig)}, "signal-number"); !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", sig, got, want)
		}
	}
	for s, want := range map[string]unix.Signal{"SIGUSR1": unix.SIGUSR1, "30": unix.SIGUSR1, "9": unix.SIGKILL, "29": 0, "SIGNONE": 0} {
		if got := linuxSignal(s); got != int(want) {
			t.Errorf("%s: %d, want %d", s, got, want)
		}
	}
}

// TestSendSignal: a rule may end the caller.
func TestSendSignal(t *testing.T) {
	s := sealWith(t, fatal{})
	b := []byte(`[{"nr":62,"args":[{"n":1},{"n":0}]}]`)
	unix.Write(s.control, b)
	st, err := s.cmd.Process.Wait()
	if err != nil || !strings.Contains(st.String(), "killed") {
		t.Errorf("%v %v", st, err)
	}
	if row := wantRow(t, s.take(), "kill signal pid:* deny/policy/deny"); row != nil && row.SendSignal != 9 {
		t.Errorf("%+v", row)
	}
}

type fatal struct{}

func (fatal) Decide(q sbpl.Query) sbpl.Decision {
	return sbpl.Decision{Action: sbpl.Deny, Modifiers: []sbpl.Modifier{{Name: "send-signal", Args: []string{"9"}}}}
}

// TestOwnerNobody: taking an owner away is no signal to anybody, so that the
// policy has no part in its refusal.
func TestOwnerNobody(t *testing.T) {
	s := sealWith(t, denying("signal"))
	for name, o := range map[string]order{
		"F_SETOWN_EX": sys(unix.SYS_FCNTL, num(controlFD), num(unix.F_SETOWN_EX), fOwnerEx(1, 0)),
		"FIOSETOWN":   sys(unix.SYS_IOCTL, num(controlFD), num(ioctlFIOSETOWN), pidBytes(0)),
	} {
		if r := s.do(o); r.Errno != int(unix.EPERM) {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
		}
		wantRow(t, s.take(), "*  * deny/containment/deny")
	}
}

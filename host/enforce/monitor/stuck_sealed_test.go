//go:build linux && amd64

package monitor

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// TestLookUpFlags: the host looks a name up without the flags that concern the
// caller's own look-up only. RESOLVE_CACHED has the kernel answer EAGAIN for a name
// below /proc every time, so a host that used it would repeat the call without end.
func TestLookUpFlags(t *testing.T) {
	const below, inRoot, unknown = unix.RESOLVE_BENEATH, unix.RESOLVE_IN_ROOT, 1 << 40
	s := sealWith(t, denying("sysctl-read kernel.osrelease"))
	s.do(sys(unix.SYS_OPENAT, num(cwd), str("/"), num(unix.O_PATH|unix.O_DIRECTORY), num(0)).as("root"))
	for _, c := range []struct {
		name    string
		resolve uint64
		want    unix.Errno
		row     string
	}{
		{"proc/sys/kernel/ostype", inRoot, 0, "openat2 sysctl-read kernel.ostype allow/policy/inject"},
		{"proc/sys/kernel/ostype", inRoot | resolveCached, unix.EAGAIN,
			"openat2 sysctl-read kernel.ostype allow/policy/emulate"},
		{"proc/sys/kernel/ostype", below | resolveCached, unix.EAGAIN,
			"openat2 sysctl-read kernel.ostype allow/policy/emulate"},
		{"proc/sys/kernel/ostype", below | resolveCached | unix.RESOLVE_NO_SYMLINKS, unix.EAGAIN,
			"openat2 sysctl-read kernel.ostype allow/policy/emulate"},
		{"proc/sys/kernel/osrelease", below | resolveCached, unix.EPERM,
			"openat2 sysctl-read kernel.osrelease deny/policy/deny"},
		{"proc/sys/kernel/ostype", inRoot | unknown, unix.EINVAL, "openat2 sysctl-read kernel.ostype allow/policy/emulate"},
		{"/proc/sys/kernel/ostype", resolveCached, unix.EAGAIN, "openat2 sysctl-read kernel.ostype allow/policy/emulate"},
	} {
		s.take()
		got := make(chan report, 1)
		go func() {
			got <- s.do(sys(unix.SYS_OPENAT2, reg("root"), str(c.name), how(unix.O_RDONLY, c.resolve), num(24)))
		}()
		select {
		case r := <-got:
			if unix.Errno(r.Errno) != c.want {
				t.Errorf("%s, resolve %#x: %s, want %s", c.name, c.resolve, errnoName(r.Errno), errnoName(int(c.want)))
			}
			wantRow(t, s.take(), c.row)
		case <-time.After(20 * time.Second): // only a fault comes here
			s.stuck, s.m.patience = true, time.Millisecond
			t.Fatalf("%s, resolve %#x: the receiver does not come back", c.name, c.resolve)
		}
	}
}

// TestStuckReceiver: Seal, Ask and Close end although the receiver does not come back
// from a call, and the call's row does not arrive after Close.
func TestStuckReceiver(t *testing.T) {
	s := seal(t)
	s.stuck = true
	busy, free := make(chan struct{}), make(chan struct{})
	rows := 0
	s.m.mu.enter()
	s.m.patience = time.Millisecond
	s.m.cfg.Slots = slotsFunc(func() int { busy <- struct{}{}; <-free; return 0 }) // asked with the gate held
	s.m.cfg.Emit = func(*lane.WitnessRow) { rows++ }
	s.m.mu.leave()
	if _, err := unix.Write(s.control, []byte(`[{"nr":63,"args":[{"buf":512}]}]`)); err != nil { // uname
		t.Fatal(err)
	}
	<-busy
	if _, err := s.m.Seal(denying()); err == nil {
		t.Error("sealed, with a call in hand")
	}
	if a := s.m.Ask(s.pid, sbpl.Query{Operation: opListPids}); a.Prediction != "unknown" || a.Detail == "" {
		t.Errorf("Ask: %+v", a)
	}
	unix.Kill(-s.pid, unix.SIGKILL)
	if _, err := s.m.Close(); err == nil {
		t.Error("Close says that the receiver ended")
	}
	close(free)
	<-s.m.finished
	if rows != 0 {
		t.Errorf("%d rows after Close", rows)
	}
}

type slotsFunc func() int

func (f slotsFunc) Current() int { return f() }

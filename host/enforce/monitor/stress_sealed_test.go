//go:build linux && amd64

package monitor

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// TestManyOpens looks for the descriptor that is not there: an interrupted
// ADDFD answers 0 with nothing behind it.
func TestManyOpens(t *testing.T) {
	s := sealWith(t, denying())
	s.mu.Lock()
	s.keep = false
	s.mu.Unlock()
	const count = 20000
	r := s.do(order{Prog: "opens", Args: []arg{str(public), num(count)}})
	if r.Ret != count || r.Text != "0" {
		t.Errorf("%d good, %s bad", r.Ret, r.Text)
	}
	s.end()
	if s.stats.Injected < count || s.stats.Lost != 0 || s.stats.Faults != 0 || s.stats.Rows < count {
		t.Errorf("%+v", s.stats)
	}
}

// TestRace swaps the name under the monitor: a plain file that everybody may
// read, and a denied sysctl. What is opened is never the sysctl.
func TestRace(t *testing.T) {
	s := sealWith(t, denying("sysctl-read kernel.ostype"))
	s.mu.Lock()
	s.keep = false
	s.mu.Unlock()
	plainFile := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plainFile, []byte("plain"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string][2]string{
		"plain and denied":   {plainFile, secret},
		"allowed and denied": {public, secret},
	} {
		r := s.do(order{Prog: "race", Args: []arg{str(p[0]), str(p[1]), str("Linux"), num(5000)}})
		if r.Ret != 0 || r.Text == "0" {
			t.Errorf("%s: opened %s times, %d times what is denied", name, r.Text, r.Ret)
		}
	}
}

// openDescriptors counts ours.
func openDescriptors(t *testing.T) int {
	t.Helper()
	l, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(l)
}

// TestNothingIsLeft: ten plugins later, no descriptor and no goroutine is left,
// though each ended in the middle of things.
func TestNothingIsLeft(t *testing.T) {
	once := func() {
		s := sealWith(t, denying("sysctl-read kernel.ostype"))
		for _, orders := range variants(secret) {
			s.do(orders...)
		}
		for _, orders := range variants(public) {
			s.do(orders...)
		}
		s.do(sys(unix.SYS_PIDFD_OPEN, num(1), num(0)))
		s.do(sys(unix.SYS_KILL, num(1), num(0)))
		s.do(openOrder("/etc/passwd"), sys(unix.SYS_STAT, str("/etc"), buf(256)))
		s.end()
	}
	once() // the runtime opens what it needs
	fds, goroutines := openDescriptors(t), runtime.NumGoroutine()
	for range 10 {
		once()
	}
	if n := openDescriptors(t); n != fds {
		t.Errorf("%d descriptors, were %d", n, fds)
	}
	for range 100 { // exec's own goroutines end by themselves
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, were %d", n, goroutines)
	}
}

// TestFaultIsAnswered: a policy that panics denies, and the monitor lives on.
func TestFaultIsAnswered(t *testing.T) {
	s := sealWith(t, decider(func(q sbpl.Query) sbpl.Action {
		if fact(q, "sysctl-name")[0] == "kernel.ostype" {
			panic("no")
		}
		return sbpl.Allow
	}))
	if r := s.do(openOrder(secret)); r.Errno != int(unix.EPERM) {
		t.Errorf("%s", errnoName(r.Errno))
	}
	if r := s.do(openOrder(public)); r.Errno != 0 {
		t.Errorf("afterwards: %s", errnoName(r.Errno))
	}
	s.end()
	if s.stats.Faults != 1 {
		t.Errorf("%+v", s.stats)
	}
}

// TestClosedFailsClosed: with nobody listening a mediated call is refused.
func TestClosedFailsClosed(t *testing.T) {
	s := sealWith(t, denying())
	if _, err := s.m.Close(); err != nil {
		t.Fatal(err)
	}
	if r := s.do(openOrder(public)); r.Errno != int(unix.ENOSYS) {
		t.Errorf("%s", errnoName(r.Errno))
	}
}

// TestSlot: the recorder's slot is read when the call arrives.
func TestSlot(t *testing.T) {
	m, err := New(Config{Slots: slot(7), Emit: func(*lane.WitnessRow) {}})
	if err != nil {
		requireSeal(t, err.Error())
	}
	defer m.Close()
	if m.slot() != 7 {
		t.Error(m.slot())
	}
}

type slot int

func (s slot) Current() int { return int(s) }

// TestBadPointers: every failure path answers.
func TestBadPointers(t *testing.T) {
	s := sealWith(t, denying())
	for _, nr := range []int{unix.SYS_OPENAT, unix.SYS_NEWFSTATAT, unix.SYS_STATX, unix.SYS_FACCESSAT, unix.SYS_READLINKAT} {
		if r := s.do(sys(nr, num(cwd), num(8), num(0))); r.Errno != int(unix.EFAULT) {
			t.Errorf("%d: %s", nr, errnoName(r.Errno))
		}
	}
	for _, o := range []order{
		sys(unix.SYS_OPENAT2, num(cwd), str(public), num(8), num(24)), sys(unix.SYS_CAPGET, num(8), num(0)),
		sys(unix.SYS_STAT, str(public), num(8)), sys(unix.SYS_FCNTL, num(0), num(unix.F_SETOWN_EX), num(8)),
	} {
		if r := s.do(o); r.Errno != int(unix.EFAULT) {
			t.Errorf("%+v: %s", o, errnoName(r.Errno))
		}
	}
	for _, c := range []struct {
		o    order
		want unix.Errno
	}{
		{openOrder(""), unix.ENOENT},
		{openOrder(strings.Repeat("x/", 3000)), unix.ENAMETOOLONG},
		{sys(unix.SYS_OPENAT, num(77), str("x"), num(0)), unix.EBADF},
		{sys(unix.SYS_OPENAT, num(-3), str("x"), num(0)), unix.EBADF},
		{openOrder(public + "/x"), unix.ENOTDIR},
		{sys(unix.SYS_OPENAT, num(cwd), str(public), num(unix.O_DIRECTORY)), unix.ENOTDIR},
		{sys(unix.SYS_OPENAT, num(cwd), str(public), num(unix.O_CREAT|unix.O_EXCL)), unix.EEXIST},
		{sys(unix.SYS_OPENAT, num(cwd), str("/proc/self"), num(unix.O_NOFOLLOW)), unix.ELOOP},
		{sys(unix.SYS_OPENAT2, num(cwd), str(public), how(0, unix.RESOLVE_NO_XDEV), num(24)), unix.EXDEV},
		{sys(unix.SYS_OPENAT2, num(cwd), str("/proc/self/root"+public), how(0, unix.RESOLVE_NO_MAGICLINKS), num(24)), unix.ELOOP},
		{sys(unix.SYS_PIDFD_SEND_SIGNAL, num(0), num(0), num(0), num(0)), unix.EBADF},
	} {
		if r := s.do(c.o); unix.Errno(r.Errno) != c.want {
			t.Errorf("%+v: %s, want %s", c.o, errnoName(r.Errno), errnoName(int(c.want)))
		}
	}
}

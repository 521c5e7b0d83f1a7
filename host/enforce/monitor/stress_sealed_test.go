//go:build linux && amd64

package monitor

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/needs"
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
func openDescriptors(t testing.TB) int {
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
	// exec's own goroutines end by themselves.
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, were %d:\n%s", runtime.NumGoroutine(), goroutines, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// storm has the victim open a name again and again, and returns a channel that
// closes after a number of rows of such opens.
func (s *sealed) storm(name string, rows int) (reached chan struct{}) {
	reached = make(chan struct{})
	s.mu.Lock()
	s.each = func(r lane.WitnessRow) {
		if r.Operation != opSysctlRead {
			return
		}
		if rows--; rows == 0 {
			close(reached)
		}
	}
	s.mu.Unlock()
	b, _ := json.Marshal([]order{{Prog: "opens", Args: []arg{str(name), num(4000)}}})
	unix.Write(s.control, b)
	return reached
}

// TestKilledInTheMiddle: a victim that dies in its calls leaves no receiver.
func TestKilledInTheMiddle(t *testing.T) {
	for range 10 {
		s := sealWith(t, denying())
		<-s.storm(public, 50)
		s.end() // fails when the receiver stays
	}
}

// TestSealInTheMiddle: no row of the earlier epoch follows one of the later, and
// each epoch is judged by its own policy.
func TestSealInTheMiddle(t *testing.T) {
	s := seal(t)
	s.take()
	<-s.storm(secret, 1000)
	if _, err := s.m.Seal(denying("sysctl-read kernel.ostype")); err != nil {
		t.Fatal(err)
	}
	var done [4096]byte
	for {
		if _, err := unix.Read(s.control, done[:]); err != unix.EINTR {
			break
		}
	}
	epoch, count := 0, [2]int{}
	for i, r := range s.take() {
		if r.Operation != opSysctlRead { // no open of the storm's
			continue
		}
		if r.Epoch < epoch || (r.Epoch == 0) != (r.By == lane.ByPrelude) || (r.Epoch == 1) != (r.Verdict == lane.Deny) {
			t.Fatalf("row %d: epoch %d after %d: %s", i, r.Epoch, epoch, showRow(r))
		}
		epoch = r.Epoch
		count[epoch]++
	}
	if count[0] < 1000 || count[1] == 0 {
		t.Errorf("%d rows before, %d after", count[0], count[1])
	}
}

// TestProcElsewhere: a proc file system at another place is not judged, but
// refused. It runs itself again in a mount namespace of its own.
func TestProcElsewhere(t *testing.T) {
	if os.Getenv("HRHOST_MONITOR_INNER") == "" {
		if os.Getuid() != 0 {
			t.Skip("mounting needs root")
		}
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestProcElsewhere$", "-test.count=1", "-test.v")
		cmd.Env = append(os.Environ(), "HRHOST_MONITOR_INNER=1")
		cmd.SysProcAttr = &unix.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		} else if strings.Contains(string(out), "SKIP") {
			t.Skip(string(out))
		}
		return
	}
	bound, fresh := filepath.Join(t.TempDir(), "bound"), filepath.Join(t.TempDir(), "fresh")
	for _, d := range []string{bound, fresh} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), unix.Mount("/proc", bound, "", unix.MS_BIND, ""), unix.Mount("proc", fresh, "proc", 0, "")); err != nil {
		t.Skip("SKIP: ", err)
	}
	defer unix.Unmount(bound, unix.MNT_DETACH)
	defer unix.Unmount(fresh, unix.MNT_DETACH)
	s := sealWith(t, denying())
	for _, d := range []string{bound, fresh} {
		for _, name := range []string{"", "/sys/kernel/ostype", "/1/stat", "/self/stat", "/self/root/etc/passwd", "/1/nothere"} {
			if r := s.do(openOrder(d + name)); r.Errno != int(unix.EPERM) {
				t.Errorf("%s%s: %s", filepath.Base(d), name, errnoName(r.Errno))
			}
			wantRow(t, s.take(), "openat   deny/containment/deny")
		}
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
		needs.Missing(t, needs.Seal, err.Error())
	}
	defer m.Close()
	if m.cfg.Slot() != 7 {
		t.Error(m.cfg.Slot())
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

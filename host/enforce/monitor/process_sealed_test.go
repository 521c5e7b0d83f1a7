//go:build linux && amd64

package monitor

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// stranger starts a process outside the victim's tree, in a group of its own.
func stranger(t testing.TB) int {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{roleVar + "=sleeper"}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := cmd.StdoutPipe()
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	out.Read(b[:])
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	return cmd.Process.Pid
}

// noPid is a number that no process has.
func noPid(t testing.TB) int {
	t.Helper()
	for pid := 4000000; pid > 3000000; pid-- {
		if unix.Kill(pid, 0) == unix.ESRCH {
			return pid
		}
	}
	t.Fatal("no free pid")
	return 0
}

// TestProcessInfo goes through every call that tells about a process, once
// denied for others and once allowed.
func TestProcessInfo(t *testing.T) {
	other := stranger(t)
	pid := num(int64(other))
	dir := fmt.Sprintf("/proc/%d", other)
	calls := []struct {
		name string
		op   string
		o    []order
		ok   string // how, when allowed
		want unix.Errno
	}{
		{"stat file", opPidInfo, []order{openOrder(dir + "/stat")}, "inject", 0},
		{"status file", opPidInfo, []order{openOrder(dir + "/status")}, "inject", 0},
		{"cmdline", opPidInfo, []order{openOrder(dir + "/cmdline")}, "inject", 0},
		{"task's stat", opPidInfo, []order{openOrder(fmt.Sprintf("%s/task/%d/stat", dir, other))}, "inject", 0},
		{"directory", opPidInfo, []order{openOrder(dir)}, "inject", 0},
		{"by dirfd", opPidInfo, []order{dirOrder("/proc"), sys(unix.SYS_OPENAT, reg("dir"), str(strconv.Itoa(other)+"/stat"), num(0))}, "inject", 0},
		{"by self's parent", opPidInfo, []order{openOrder("/proc/self/../" + strconv.Itoa(other) + "/stat")}, "inject", 0},
		{"fd list", opPidFDInfo, []order{openOrder(dir + "/fd")}, "inject", 0},
		{"fdinfo", opPidFDInfo, []order{openOrder(dir + "/fdinfo/0")}, "inject", 0},
		{"reading an fd's link", opPidFDInfo, []order{sys(unix.SYS_READLINK, str(dir+"/fd/0"), buf(256), num(256))}, "emulate", 0},
		{"io", opRusage, []order{openOrder(dir + "/io")}, "inject", 0},
		{"schedstat", opRusage, []order{openOrder(dir + "/schedstat")}, "inject", 0},
		{"oom_score_adj", opSetControl, []order{sys(unix.SYS_OPENAT, num(cwd), str(dir+"/oom_score_adj"), num(unix.O_WRONLY))}, "inject", 0},
		{"stat", opPidInfo, []order{sys(unix.SYS_STAT, str(dir), buf(256))}, "emulate", 0},
		{"access", opPidInfo, []order{sys(unix.SYS_ACCESS, str(dir), num(0))}, "emulate", 0},
		{"chdir", opPidInfo, []order{sys(unix.SYS_CHDIR, str(dir))}, "continue", 0},
		{"exe link", opPidInfo, []order{sys(unix.SYS_READLINKAT, num(cwd), str(dir+"/exe"), buf(256), num(256))}, "emulate", 0},
		{"pidfd_open", opPidInfo, []order{sys(unix.SYS_PIDFD_OPEN, pid, num(0))}, "inject", 0},
		{"getpgid", opPidInfo, []order{sys(unix.SYS_GETPGID, pid)}, "continue", 0},
		{"getsid", opPidInfo, []order{sys(unix.SYS_GETSID, pid)}, "continue", 0},
		{"setpgid", opSetControl, []order{sys(unix.SYS_SETPGID, pid, num(0))}, "continue", unix.ESRCH},
		{"sched_getaffinity", opPidInfo, []order{sys(unix.SYS_SCHED_GETAFFINITY, pid, num(128), buf(128))}, "continue", 0},
		{"sched_setaffinity", opSetControl, []order{sys(unix.SYS_SCHED_SETAFFINITY, pid, num(128), ownCPUs(t))}, "continue", 0},
		{"sched_getscheduler", opPidInfo, []order{sys(unix.SYS_SCHED_GETSCHEDULER, pid)}, "continue", 0},
		{"sched_setscheduler", opSetControl, []order{sys(unix.SYS_SCHED_SETSCHEDULER, pid, num(0), raw(0, 0, 0, 0))}, "continue", 0},
		{"sched_getparam", opPidInfo, []order{sys(unix.SYS_SCHED_GETPARAM, pid, buf(8))}, "continue", 0},
		{"sched_setparam", opSetControl, []order{sys(unix.SYS_SCHED_SETPARAM, pid, raw(0, 0, 0, 0))}, "continue", 0},
		{"sched_getattr", opPidInfo, []order{sys(unix.SYS_SCHED_GETATTR, pid, buf(64), num(64), num(0))}, "continue", 0},
		{"sched_setattr", opSetControl, []order{sys(unix.SYS_SCHED_SETATTR, pid, schedAttr(), num(0))}, "continue", 0},
		{"sched_rr_get_interval", opPidInfo, []order{sys(unix.SYS_SCHED_RR_GET_INTERVAL, pid, buf(16))}, "continue", 0},
		{"prlimit", opPidInfo, []order{sys(unix.SYS_PRLIMIT64, pid, num(7), num(0), buf(16))}, "continue", 0},
		{"prlimit set", opSetControl, []order{sys(unix.SYS_PRLIMIT64, pid, num(7), raw(make([]byte, 16)...), num(0))}, "continue", 0},
		{"getpriority", opPidInfo, []order{sys(unix.SYS_GETPRIORITY, num(0), pid)}, "continue", 0},
		{"setpriority", opSetControl, []order{sys(unix.SYS_SETPRIORITY, num(0), pid, num(1))}, "continue", 0},
		{"ioprio_get", opPidInfo, []order{sys(unix.SYS_IOPRIO_GET, num(1), pid)}, "continue", 0},
		{"ioprio_set", opSetControl, []order{sys(unix.SYS_IOPRIO_SET, num(1), pid, num(2<<13))}, "continue", 0},
		{"capget", opPidInfo, []order{sys(unix.SYS_CAPGET, capHeader(other), buf(24))}, "emulate", 0},
		{"get_robust_list", opPidInfo, []order{sys(unix.SYS_GET_ROBUST_LIST, pid, buf(8), buf(8))}, "continue", 0},
		{"migrate_pages", opSetControl, []order{sys(unix.SYS_MIGRATE_PAGES, pid, num(0), num(0), num(0))}, "continue", 0},
		{"move_pages", opSetControl, []order{sys(unix.SYS_MOVE_PAGES, pid, num(0), num(0), num(0), num(0), num(0))}, "continue", 0},
		{"cpu clock", opPidInfo, []order{sys(unix.SYS_CLOCK_GETTIME, num(int64(int32(^uint32(other)<<3|2))), buf(16))}, "continue", 0},
		{"sleeping by a cpu clock", opPidInfo, []order{sys(unix.SYS_CLOCK_NANOSLEEP, num(int64(int32(^uint32(other)<<3|2))), num(0), buf(16), num(0))}, "continue", 0},
		{"timer on a cpu clock", opPidInfo, []order{sys(unix.SYS_TIMER_CREATE, num(int64(int32(^uint32(other)<<3|2))), num(0), buf(8))}, "continue", 0},
		{"cpu clock's resolution", opPidInfo, []order{sys(unix.SYS_CLOCK_GETRES, num(int64(int32(^uint32(other)<<3|2))), buf(16))}, "continue", 0},
	}
	denied := sealWith(t, denying(opPidInfo+" others", opPidFDInfo+" others", opRusage+" others", opSetControl+" others"))
	allowed := sealWith(t, denying(), "HRHOST_MONITOR_NOLANDLOCK=1") // else Landlock refuses some, after the policy
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			if r := denied.do(c.o...); r.Errno != int(unix.EPERM) {
				t.Errorf("denied: %s, want EPERM", errnoName(r.Errno))
			}
			rows := denied.take()
			row := wantRow(t, rows, fmt.Sprintf("* %s * deny/policy/deny", c.op))
			if row != nil {
				st, _ := denied.m.readStat(other)
				if row.Filter.Value != fmt.Sprintf("pid:%d@%d", other, st.start) || row.Target == nil || row.Target.PID != other ||
					!slices.Equal(row.Target.Relations, []string{"others"}) || row.Target.UID == nil || *row.Target.UID != os.Getuid() {
					t.Errorf("row %+v target %+v", row, row.Target)
				}
			}
			r := allowed.do(c.o...)
			if c.name != "migrate_pages" && c.name != "move_pages" && unix.Errno(r.Errno) != c.want {
				t.Errorf("allowed: %s, want %s", errnoName(r.Errno), errnoName(int(c.want)))
			}
			wantRow(t, allowed.take(), fmt.Sprintf("* %s * allow/policy/%s", c.op, c.ok))
		})
	}
	// One's own process and group are nobody else's business, one's user is: it has
	// this test as well.
	for which, want := range []unix.Errno{unix.PRIO_PROCESS: 0, unix.PRIO_PGRP: 0, unix.PRIO_USER: unix.EPERM} {
		for name, o := range map[string]order{
			"getpriority": sys(unix.SYS_GETPRIORITY, num(int64(which)), num(0)),
			"setpriority": sys(unix.SYS_SETPRIORITY, num(int64(which)), num(0), num(1)),
			"ioprio_get":  sys(unix.SYS_IOPRIO_GET, num(int64(which)+1), num(0)),
			"ioprio_set":  sys(unix.SYS_IOPRIO_SET, num(int64(which)+1), num(0), num(2<<13)),
		} {
			if r := allowed.do(o); unix.Errno(r.Errno) != want {
				t.Errorf("%s of %d: %s, want %s", name, which, errnoName(r.Errno), errnoName(int(want)))
			}
			rows := allowed.take()
			if contained := len(rows) == 1 && rows[0].By == lane.ByContainment; contained != (want != 0) {
				t.Errorf("%s of %d: %s", name, which, showRows(rows))
			}
		}
	}
	if r := denied.do(sys(unix.SYS_GETPGID, num(0))); r.Errno != 0 {
		t.Errorf("getpgid(0): %s", errnoName(r.Errno))
	}
}

// ownCPUs is the mask of those that this process may use, which a container may
// have given it any of.
func ownCPUs(t *testing.T) arg {
	t.Helper()
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Fatal(err)
	}
	return raw(unsafe.Slice((*byte)(unsafe.Pointer(&set)), unsafe.Sizeof(set))...)
}

func schedAttr() arg {
	b := make([]byte, 48)
	b[0] = 48
	return raw(b...)
}

func capHeader(pid int) arg {
	b := make([]byte, 8)
	binary.NativeEndian.PutUint32(b, unix.LINUX_CAPABILITY_VERSION_3)
	binary.NativeEndian.PutUint32(b[4:], uint32(pid))
	return raw(b...)
}

// TestAbsentProcess is judged as another process, and then does not exist.
func TestAbsentProcess(t *testing.T) {
	none := noPid(t)
	s := sealWith(t, denying("signal others"))
	if r := s.do(sys(unix.SYS_GETPGID, num(int64(none)))); r.Errno != int(unix.ESRCH) {
		t.Errorf("getpgid: %s", errnoName(r.Errno))
	}
	if r := s.do(openOrder(fmt.Sprintf("/proc/%d/stat", none))); r.Errno != int(unix.ENOENT) {
		t.Errorf("open: %s", errnoName(r.Errno))
	}
	s.take()
	if r := s.do(sys(unix.SYS_KILL, num(int64(none)), num(0))); r.Errno != int(unix.EPERM) {
		t.Errorf("kill denied: %s", errnoName(r.Errno))
	}
	row := wantRow(t, s.take(), fmt.Sprintf("kill signal pid:%d@ deny/policy/deny", none))
	if row != nil && row.Object != "absent" {
		t.Errorf("object %s", row.Object)
	}
	s2 := sealWith(t, denying())
	for name, o := range map[string]order{
		"kill": sys(unix.SYS_KILL, num(int64(none)), num(0)), "tkill": sys(unix.SYS_TKILL, num(int64(none)), num(0)),
		"tgkill": sys(unix.SYS_TGKILL, num(int64(none)), num(int64(none)), num(0)), "kill group": sys(unix.SYS_KILL, num(int64(-none)), num(0)),
	} {
		if r := s2.do(o); r.Errno != int(unix.ESRCH) {
			t.Errorf("%s: %s, want ESRCH", name, errnoName(r.Errno))
		}
	}
}

// TestListing judges reading the list of processes, and nothing less.
func TestListing(t *testing.T) {
	s := sealWith(t, denying(opListPids))
	if r := s.do(openOrder("/proc")); r.Errno != int(unix.EPERM) {
		t.Errorf("open /proc: %s", errnoName(r.Errno))
	}
	wantRow(t, s.take(), "openat process-info-listpids  deny/policy/deny")
	if r := s.do(dirOrder("/proc"), sys(unix.SYS_OPENAT, reg("dir"), str("."), num(unix.O_DIRECTORY))); r.Errno != int(unix.EPERM) {
		t.Errorf("reopening /proc: %s", errnoName(r.Errno))
	}
	if r := s.do(openOrder("/proc/meminfo")); r.Errno != 0 {
		t.Errorf("/proc/meminfo: %s", errnoName(r.Errno))
	}
}

// TestSelfByAnyName is the caller, however it is called.
func TestSelfByAnyName(t *testing.T) {
	s := sealWith(t, denying(opPidInfo+" self"))
	for _, p := range []string{"/proc/self/stat", "/proc/thread-self/stat", "/proc/" + strconv.Itoa(s.pid) + "/stat", "/proc/self/task/" + strconv.Itoa(s.pid) + "/stat", "/proc/./self/stat"} {
		if r := s.do(openOrder(p)); r.Errno != int(unix.EPERM) {
			t.Errorf("%s: %s", p, errnoName(r.Errno))
		}
		if row := wantRow(t, s.take(), "openat process-info-pidinfo * deny/policy/deny"); row != nil && row.Target.PID != s.pid {
			t.Errorf("%s: pid %d", p, row.Target.PID)
		}
	}
}

// TestTracerFiles are refused by containment when the policy allows them, and by
// the policy when it does not.
func TestTracerFiles(t *testing.T) {
	other := stranger(t)
	s := sealWith(t, denying(opSetControl))
	for _, name := range []string{"mem", "environ", "maps", "pagemap", "root/etc/passwd", "fd/0", "exe", "ns/mnt"} {
		p := fmt.Sprintf("/proc/%d/%s", other, name)
		if r := s.do(openOrder(p)); r.Errno != int(unix.EPERM) {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
		}
		wantRow(t, s.take(), "openat * * deny/containment/deny")
	}
	p := fmt.Sprintf("/proc/%d/root%s", other, secret)
	if r := s.do(openOrder(p)); r.Errno != int(unix.EPERM) {
		t.Errorf("%s: %s", p, errnoName(r.Errno))
	}
}

// TestUndecided is refused, but not in the policy's name.
func TestUndecided(t *testing.T) {
	s := sealWith(t, undecided{})
	if r := s.do(openOrder(secret)); r.Errno != int(unix.EPERM) {
		t.Errorf("%s", errnoName(r.Errno))
	}
	row := wantRow(t, s.take(), "openat sysctl-read kernel.ostype deny/containment/deny")
	if row != nil && (row.Reason != "policy undecided: missing fact uid" || row.Rule != nil) {
		t.Errorf("%+v", row)
	}
	a := s.m.Ask(s.pid, sbpl.Query{Operation: opSysctlRead, Filters: []sbpl.Filter{{Name: "sysctl-name", Value: "x"}}})
	if a.Prediction != "unknown" || !slices.Equal(a.Missing, []string{"uid"}) {
		t.Errorf("Ask: %+v", a)
	}
}

type undecided struct{}

func (undecided) Decide(sbpl.Query) sbpl.Decision { return sbpl.Decision{Missing: []string{"uid"}} }

func TestAsk(t *testing.T) {
	other := stranger(t)
	s := seal(t)
	q := func(op, name, value string) sbpl.Query {
		return sbpl.Query{Operation: op, Filters: []sbpl.Filter{{Name: name, Value: value}}}
	}
	if a := s.m.Ask(s.pid, q(opSysctlRead, "sysctl-name", "kernel.ostype")); a.Prediction != "allow" || a.By != "prelude" || a.Epoch != 0 {
		t.Errorf("prelude: %+v", a)
	}
	if _, err := s.m.Seal(denying("sysctl-read kernel.ostype", "signal others")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		q    sbpl.Query
		want string
	}{
		{q(opSysctlRead, "sysctl-name", "kernel.ostype"), "deny"},
		{q(opSysctlRead, "sysctl-name", "kernel.osrelease"), "allow"},
		{q(opSignal, "target", "pid:"+strconv.Itoa(other)), "deny"},
		{q(opSignal, "target", "pid:"+strconv.Itoa(s.pid)), "allow"},
		{q(opSignal, "target", "self"), "allow"},
		{q("mach-lookup", "global-name", "x"), "unknown"},
	} {
		if a := s.m.Ask(s.pid, c.q); a.Prediction != c.want || (a.Prediction == "deny" && a.Rule == nil) {
			t.Errorf("%v: %+v, want %s", c.q, a, c.want)
		}
	}
	if a := s.m.Ask(os.Getpid(), q(opSysctlRead, "sysctl-name", "kernel.ostype")); a.Prediction != "unknown" {
		t.Errorf("about another process: %+v", a)
	}
}

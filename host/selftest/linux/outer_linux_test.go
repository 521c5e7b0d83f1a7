package linux

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/needs"
)

// underVerb has the test's program put an outer filter on itself and then be an
// experiment: it is how a kernel that is otherwise, or a container, looks.
const underVerb = "selftest-under"

// pretend answers a call with success, without making it.
const pretend = unix.Errno(0)

// beUnder is that program: CALL ERRNO and the experiment's own words. CALL -1 puts
// a listener on instead, which stays open.
func beUnder(args []string) {
	call, _ := strconv.Atoi(args[0])
	errno, _ := strconv.Atoi(args[1])
	filter, flags := ifEqual(0, uint32(call), unix.SECCOMP_RET_ERRNO|uint32(errno)), uintptr(0)
	if call < 0 {
		filter, flags = ifEqual(0, unix.SYS_SWAPOFF, unix.SECCOMP_RET_USER_NOTIF), plain
	}
	fd, e := install(filter, flags)
	if e == 0 && call < 0 {
		_, _, e = unix.Syscall(unix.SYS_FCNTL, uintptr(fd), unix.F_SETFD, 0)
	}
	if e == 0 {
		e = unix.Exec("/proc/self/exe", append([]string{"hrhost"}, args[2:]...), os.Environ()).(unix.Errno)
	}
	panic(e)
}

// TestOtherwise tries facts where one call is otherwise: each must be seen to
// fail, to be not applicable, or to be impossible to try, and say why.
func TestOtherwise(t *testing.T) {
	for _, c := range []struct {
		fact  string
		call  int
		errno unix.Errno
		want  selftest.Outcome
		says  string
	}{
		{"memfd.exec", unix.SYS_EXECVEAT, unix.EPERM, selftest.Fail, "a failure of executing it: operation not permitted"},
		{"memfd.seals", unix.SYS_MEMFD_CREATE, unix.EPERM, selftest.Incomplete, "making a memfd"},
		{"memfd.seals", unix.SYS_FCNTL, pretend, selftest.Fail, "cutting: errno 0, not operation not permitted"},
		{"process.no-new-privs", unix.SYS_SWAPON, pretend, selftest.NotApplicable, "set already"},
		{"process.close-range", unix.SYS_CLOSE_RANGE, unix.ENOSYS, selftest.NotApplicable, "CLOSE_RANGE_CLOEXEC"},
		{"process.close-range", unix.SYS_CLOSE_RANGE, pretend, selftest.Fail, "inherited after: 20 21 22 23 24"},
		{"process.limits", unix.SYS_PWRITE64, pretend, selftest.Fail, "one more <nil>, raising"},
		{"process.pid-limit", unix.SYS_KILL, pretend, selftest.Fail, "kill of 4194304: <nil>"},
		{"process.pidfd", unix.SYS_PIDFD_OPEN, unix.ENOSYS, selftest.Incomplete, "opening a pidfd"},
		{"signal.init", unix.SYS_KILL, unix.ESRCH, selftest.Fail, "no such process"},
		{"signal.pending", unix.SYS_SIGNALFD4, unix.ENOSYS, selftest.Incomplete, "could not do its part"},
		{"seccomp.listener", unix.SYS_SECCOMP, unix.ENOSYS, selftest.Fail, "answers function not implemented"},
		{"seccomp.addfd-send", unix.SYS_SECCOMP, unix.EPERM, selftest.Incomplete, "putting a filter on"},
		{"seccomp.listener", -1, 0, selftest.Incomplete, "another listener stands over this process"},
		{"seccomp.inherited", -1, 0, selftest.Incomplete, "receiving the listener"},
		{"memory.read", unix.SYS_PROCESS_VM_READV, unix.EPERM, selftest.Fail, "reading: operation not permitted"},
		{"memory.write", unix.SYS_PROCESS_VM_WRITEV, unix.ENOSYS, selftest.Fail, "writing: function not implemented"},
		{"proc.resolve", unix.SYS_OPENAT2, unix.ENOSYS, selftest.Fail, "a clean name: function not implemented"},
		{"proc.not-dumpable", unix.SYS_PRCTL, pretend, selftest.Fail, "mem and environ: open open"},
		{"landlock.abi", unix.SYS_LANDLOCK_CREATE_RULESET, unix.ENOSYS, selftest.NotApplicable, "no Landlock here"},
		{"landlock.writes", unix.SYS_LANDLOCK_RESTRICT_SELF, pretend, selftest.Fail, "outside: made, not EACCES"},
		{"landlock.no-rule", unix.SYS_LANDLOCK_RESTRICT_SELF, pretend, selftest.Fail, "/proc: open, not EACCES"},
		{"landlock.neighbours", unix.SYS_LANDLOCK_RESTRICT_SELF, pretend, selftest.Fail, "a file of the fenced directory: open, not EACCES"},
		{"landlock.scopes", unix.SYS_LANDLOCK_RESTRICT_SELF, pretend, selftest.Fail, "stranger success"},
		{"landlock.tracing", unix.SYS_LANDLOCK_RESTRICT_SELF, pretend, selftest.Fail, "in a domain: [read read read read]"},
		{"socket.packets", unix.SYS_RECVMSG, unix.EPERM, selftest.Fail, "the first packet: operation not permitted"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			r := &selftest.Runner{TempDir: t.TempDir(), Command: func(args ...string) *exec.Cmd {
				return selftest.Program(append([]string{underVerb, strconv.Itoa(c.call), strconv.Itoa(int(c.errno))}, args...)...)
			}}
			i := indexOf(c.fact)
			res := r.Try(context.Background(), Facts()[i], selftest.Find(Experiments(), c.fact))
			if strings.Contains(res.Output, "panic: ") {
				needs.Missing(t, needs.Seal, "no outer filter can be put on: "+res.Output)
			}
			if res.Outcome != c.want || res.Ended != selftest.Returned || !strings.Contains(res.Seen, c.says) {
				t.Errorf("%s, %s: %s, want %s and %q\n%s", res.Outcome, res.Ended, res.Seen, c.want, c.says, res.Output)
			}
		})
	}
}

func indexOf(fact string) int {
	for i, f := range Facts() {
		if f.ID == fact {
			return i
		}
	}
	return -1
}

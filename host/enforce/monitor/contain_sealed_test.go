//go:build linux && amd64

package monitor

import (
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce/lasting"
)

// unixAddr is a sockaddr_un.
func unixAddr(path string) []byte { return append([]byte{unix.AF_UNIX, 0}, append([]byte(path), 0)...) }

// TestContainment: refused whatever the profile says, and never in its name.
func TestContainment(t *testing.T) {
	s := sealWith(t, denying())
	strand := sys(unix.SYS_SOCKET, num(unix.AF_UNIX), num(unix.SOCK_STREAM), num(0)).as("sock")
	for _, c := range []struct {
		name string
		o    []order
		want unix.Errno
		row  string
	}{
		{"io_uring_setup", []order{sys(unix.SYS_IO_URING_SETUP, num(8), buf(120))}, unix.ENOSYS, "io_uring_setup"},
		{"clone3", []order{sys(unix.SYS_CLONE3, buf(88), num(88))}, unix.ENOSYS, "clone3"},
		{"clone newns", []order{sys(unix.SYS_CLONE, num(unix.CLONE_NEWNS|int64(unix.SIGCHLD)))}, unix.EPERM, "clone"},
		{"clone newuser", []order{sys(unix.SYS_CLONE, num(unix.CLONE_NEWUSER|int64(unix.SIGCHLD)))}, unix.EPERM, "clone"},
		{"clone parent", []order{sys(unix.SYS_CLONE, num(unix.CLONE_PARENT|int64(unix.SIGCHLD)))}, unix.EPERM, "clone"},
		{"unshare", []order{sys(unix.SYS_UNSHARE, num(unix.CLONE_NEWNS))}, unix.EPERM, "unshare"},
		{"setns", []order{sys(unix.SYS_SETNS, num(0), num(0))}, unix.EPERM, "setns"},
		{"chroot", []order{sys(unix.SYS_CHROOT, str("/tmp"))}, unix.EPERM, "chroot"},
		{"mount", []order{sys(unix.SYS_MOUNT, str("proc"), str("/mnt"), str("proc"), num(0), num(0))}, unix.EPERM, "mount"},
		{"fsopen", []order{sys(unix.SYS_FSOPEN, str("proc"), num(0))}, unix.EPERM, "fsopen"},
		{"open_tree", []order{sys(unix.SYS_OPEN_TREE, num(cwd), str("/proc"), num(1))}, unix.EPERM, "open_tree"},
		{"nested listener", []order{sys(unix.SYS_SECCOMP, num(unix.SECCOMP_SET_MODE_FILTER), num(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER), buf(16))}, unix.EPERM, "seccomp"},
		{"own filter", []order{sys(unix.SYS_PRCTL, num(unix.PR_SET_SECCOMP), num(2), buf(16))}, unix.EPERM, "prctl"},
		{"dumpable", []order{sys(unix.SYS_PRCTL, num(unix.PR_SET_DUMPABLE), num(0))}, unix.EPERM, "prctl"},
		{"ptracer", []order{sys(unix.SYS_PRCTL, num(unix.PR_SET_PTRACER), num(-1))}, unix.EPERM, "prctl"},
		{"pdeathsig off", []order{sys(unix.SYS_PRCTL, num(unix.PR_SET_PDEATHSIG), num(0))}, unix.EPERM, "prctl"},
		{"ptrace", []order{sys(unix.SYS_PTRACE, num(unix.PTRACE_ATTACH), num(1))}, unix.EPERM, "ptrace"},
		{"process_vm_readv", []order{sys(unix.SYS_PROCESS_VM_READV, num(1))}, unix.EPERM, "process_vm_readv"},
		{"pidfd_getfd", []order{sys(unix.SYS_PIDFD_GETFD, num(0), num(0), num(0))}, unix.EPERM, "pidfd_getfd"},
		{"kcmp", []order{sys(unix.SYS_KCMP, num(1), num(1), num(0))}, unix.EPERM, "kcmp"},
		{"bpf", []order{sys(unix.SYS_BPF, num(0), buf(64), num(64))}, unix.EPERM, "bpf"},
		{"perf_event_open", []order{sys(unix.SYS_PERF_EVENT_OPEN, buf(120), num(0), num(-1), num(-1), num(0))}, unix.EPERM, "perf_event_open"},
		{"userfaultfd", []order{sys(unix.SYS_USERFAULTFD, num(0))}, unix.EPERM, "userfaultfd"},
		{"finit_module", []order{sys(unix.SYS_FINIT_MODULE, num(0))}, unix.EPERM, "finit_module"},
		{"open_by_handle_at", []order{sys(unix.SYS_OPEN_BY_HANDLE_AT, num(cwd), buf(64), num(0))}, unix.EPERM, "open_by_handle_at"},
		{"mknod device", []order{sys(unix.SYS_MKNODAT, num(cwd), str("/tmp/x"), num(unix.S_IFCHR), num(259))}, unix.EPERM, "mknodat"},
		{"syslog", []order{sys(unix.SYS_SYSLOG, num(3), buf(64), num(64))}, unix.EPERM, "syslog"},
		{"sethostname", []order{sys(unix.SYS_SETHOSTNAME, str("x"), num(1))}, unix.EPERM, "sethostname"},
		{"connect", []order{strand, sys(unix.SYS_CONNECT, reg("sock"), raw(unixAddr("/run/x")...), num(10))}, unix.EACCES, "connect"},
		{"unix datagram", []order{sys(unix.SYS_SOCKET, num(unix.AF_UNIX), num(unix.SOCK_DGRAM|unix.SOCK_CLOEXEC), num(0))}, unix.EACCES, "socket"},
		{"unix raw", []order{sys(unix.SYS_SOCKET, num(unix.AF_UNIX), num(unix.SOCK_RAW), num(0))}, unix.EACCES, "socket"},
		{"datagram pair", []order{sys(unix.SYS_SOCKETPAIR, num(unix.AF_UNIX), num(unix.SOCK_DGRAM), num(0), buf(8))}, unix.EACCES, "socketpair"},
		{"TIOCSTI", []order{sys(unix.SYS_IOCTL, num(0), num(ioctlTIOCSTI), str("x"))}, unix.EPERM, "ioctl"},
		{"x32", []order{sys(x32Bit|unix.SYS_GETPID, num(0))}, unix.EPERM, "x32-39"},
		{"kmsg", []order{openOrder("/proc/kmsg")}, unix.EPERM, "openat"},
		{"sysrq", []order{sys(unix.SYS_OPENAT, num(cwd), str("/proc/sysrq-trigger"), num(unix.O_WRONLY))}, unix.EPERM, "openat"},
		{"kcore", []order{openOrder("/proc/kcore")}, unix.EPERM, "openat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.take()
			if r := s.do(c.o...); unix.Errno(r.Errno) != c.want {
				t.Errorf("%s, want %s", errnoName(r.Errno), errnoName(int(c.want)))
			}
			row := wantRow(t, s.take(), c.row+"   deny/containment/deny")
			if row != nil && (row.Reason == "" || row.Rule != nil || row.Errno == nil || unix.Errno(*row.Errno) != c.want) {
				t.Errorf("%+v", row)
			}
		})
	}
	for name, o := range map[string]order{
		"io_uring_enter": sys(unix.SYS_IO_URING_ENTER), "unknown call": sys(lastKnown + 1), "far unknown call": sys(100000),
	} {
		if r := s.do(o); r.Errno != int(unix.ENOSYS) {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
		}
	}
	for name, o := range map[string]order{
		"stream socket": strand, "stream pair": sys(unix.SYS_SOCKETPAIR, num(unix.AF_UNIX), num(unix.SOCK_STREAM), num(0), buf(8)),
		"pdeathsig kill": sys(unix.SYS_PRCTL, num(unix.PR_SET_PDEATHSIG), num(int64(unix.SIGKILL))),
		"fifo":           sys(unix.SYS_MKNODAT, num(cwd), str(t.TempDir()+"/fifo"), num(unix.S_IFIFO|0o600), num(0)),
		"no owner":       sys(unix.SYS_FCNTL, num(controlFD), num(unix.F_SETOWN), num(0)),
		"plain file":     openOrder("/etc/passwd"),
	} {
		if r := s.do(o); r.Errno != 0 {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
		}
	}
}

// TestRefusedOutright: calls that are refused by their number alone, so that
// arguments that mean nothing will do.
func TestRefusedOutright(t *testing.T) {
	s := sealWith(t, denying())
	for name, o := range map[string]order{
		"pivot_root": sys(unix.SYS_PIVOT_ROOT), "umount2": sys(unix.SYS_UMOUNT2), "fsconfig": sys(unix.SYS_FSCONFIG),
		"fsmount": sys(unix.SYS_FSMOUNT), "fspick": sys(unix.SYS_FSPICK), "move_mount": sys(unix.SYS_MOVE_MOUNT),
		"open_tree_attr": sys(unix.SYS_OPEN_TREE_ATTR), "mount_setattr": sys(unix.SYS_MOUNT_SETATTR),
		"name_to_handle_at": sys(unix.SYS_NAME_TO_HANDLE_AT), "fanotify_init": sys(unix.SYS_FANOTIFY_INIT),
		"mknod":             sys(unix.SYS_MKNOD, str("/tmp/x"), num(unix.S_IFCHR), num(259)),
		"process_vm_writev": sys(unix.SYS_PROCESS_VM_WRITEV), "process_madvise": sys(unix.SYS_PROCESS_MADVISE),
		"process_mrelease": sys(unix.SYS_PROCESS_MRELEASE),
		"init_module":      sys(unix.SYS_INIT_MODULE), "delete_module": sys(unix.SYS_DELETE_MODULE),
		"kexec_load": sys(unix.SYS_KEXEC_LOAD), "kexec_file_load": sys(unix.SYS_KEXEC_FILE_LOAD), "_sysctl": sys(unix.SYS__SYSCTL),
		"iopl": sys(unix.SYS_IOPL), "ioperm": sys(unix.SYS_IOPERM), "reboot": sys(unix.SYS_REBOOT), "swapon": sys(unix.SYS_SWAPON),
		"swapoff": sys(unix.SYS_SWAPOFF), "acct": sys(unix.SYS_ACCT), "quotactl": sys(unix.SYS_QUOTACTL), "quotactl_fd": sys(unix.SYS_QUOTACTL_FD),
		"setdomainname": sys(unix.SYS_SETDOMAINNAME), "settimeofday": sys(unix.SYS_SETTIMEOFDAY), "clock_settime": sys(unix.SYS_CLOCK_SETTIME, num(-1)),
		"chown": sys(unix.SYS_CHOWN, str("/proc/kcore"), num(-1), num(-1)), "vhangup": sys(unix.SYS_VHANGUP),
	} {
		s.take()
		if r := s.do(o); unix.Errno(r.Errno) != unix.EPERM {
			t.Errorf("%s: %s, want EPERM", name, errnoName(r.Errno))
		}
		wantRow(t, s.take(), name+"   deny/containment/deny")
	}
}

// TestNothingLasts: what would outlive the plugin is refused in the same way as in
// a baseline.
func TestNothingLasts(t *testing.T) {
	s := sealWith(t, denying())
	none := num(-1) // so that a call that came through does not wait for anything
	for _, c := range lasting.Calls {
		s.take()
		if r := s.do(sys(int(c.Number), none, none, none, none, none)); unix.Errno(r.Errno) != lasting.Errno {
			t.Errorf("%s: %s, want %s", c.Name, errnoName(r.Errno), unix.ErrnoName(lasting.Errno))
		}
		wantRow(t, s.take(), c.Name+"   deny/containment/deny")
	}
}

// TestInt80: the i386 gate is another table of calls. TestForeignCalls shows
// the filter's side of it on every machine.
func TestInt80(t *testing.T) {
	gate := exec.Command("/proc/self/exe")
	gate.Env = []string{roleVar + "=gate"}
	if err := gate.Run(); err != nil {
		t.Skipf("this machine has no i386 gate: int 0x80 outside of any sandbox ended with %v", err)
	}
	s := sealWith(t, denying())
	if r := s.do(order{Prog: "int80"}); r.Errno != 0 || r.Ret != -int64(unix.EPERM) {
		t.Errorf("getpid by int 0x80: %d (%s)", r.Ret, errnoName(r.Errno))
	}
	wantRow(t, s.take(), "foreign-0x40000003-20   deny/containment/deny")
}

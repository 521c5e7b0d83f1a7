//go:build linux && amd64

package monitor

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// nameCalls make one call about a name, for reading or changing what it names.
// Flags are of the open family only.
var nameCalls = map[string]func(path string, flags int64) order{
	"open": func(p string, f int64) order { return sys(unix.SYS_OPEN, str(p), num(f)) },
	"openat": func(p string, f int64) order {
		return sys(unix.SYS_OPENAT, num(cwd), str(p), num(f))
	},
	"openat2": func(p string, f int64) order {
		return sys(unix.SYS_OPENAT2, num(cwd), str(p), how(uint64(f), 0), num(24))
	},
	"creat":             func(p string, _ int64) order { return sys(unix.SYS_CREAT, str(p), num(0o600)) },
	"access":            func(p string, _ int64) order { return sys(unix.SYS_ACCESS, str(p), num(0)) },
	"chdir":             func(p string, _ int64) order { return sys(unix.SYS_CHDIR, str(p)) },
	"faccessat":         func(p string, _ int64) order { return sys(unix.SYS_FACCESSAT, num(cwd), str(p), num(0)) },
	"faccessat2":        func(p string, _ int64) order { return sys(unix.SYS_FACCESSAT2, num(cwd), str(p), num(0), num(0)) },
	"getxattr":          func(p string, _ int64) order { return sys(unix.SYS_GETXATTR, str(p), str("user.x"), buf(8), num(8)) },
	"inotify_add_watch": func(p string, _ int64) order { return sys(unix.SYS_INOTIFY_ADD_WATCH, num(0), str(p), num(1)) },
	"lgetxattr":         func(p string, _ int64) order { return sys(unix.SYS_LGETXATTR, str(p), str("user.x"), buf(8), num(8)) },
	"listxattr":         func(p string, _ int64) order { return sys(unix.SYS_LISTXATTR, str(p), buf(8), num(8)) },
	"llistxattr":        func(p string, _ int64) order { return sys(unix.SYS_LLISTXATTR, str(p), buf(8), num(8)) },
	"lstat":             func(p string, _ int64) order { return sys(unix.SYS_LSTAT, str(p), buf(256)) },
	"newfstatat":        func(p string, _ int64) order { return sys(unix.SYS_NEWFSTATAT, num(cwd), str(p), buf(256), num(0)) },
	"readlink":          func(p string, _ int64) order { return sys(unix.SYS_READLINK, str(p), buf(64), num(64)) },
	"readlinkat":        func(p string, _ int64) order { return sys(unix.SYS_READLINKAT, num(cwd), str(p), buf(64), num(64)) },
	"stat":              func(p string, _ int64) order { return sys(unix.SYS_STAT, str(p), buf(256)) },
	"statfs":            func(p string, _ int64) order { return sys(unix.SYS_STATFS, str(p), buf(256)) },
	"statx": func(p string, _ int64) order {
		return sys(unix.SYS_STATX, num(cwd), str(p), num(0), num(0xfff), buf(512))
	},
	"chmod":     func(p string, _ int64) order { return sys(unix.SYS_CHMOD, str(p), num(0o600)) },
	"chown":     func(p string, _ int64) order { return sys(unix.SYS_CHOWN, str(p), num(-1), num(-1)) },
	"fchmodat":  func(p string, _ int64) order { return sys(unix.SYS_FCHMODAT, num(cwd), str(p), num(0o600)) },
	"fchmodat2": func(p string, _ int64) order { return sys(unix.SYS_FCHMODAT2, num(cwd), str(p), num(0o600), num(0)) },
	"fchownat": func(p string, _ int64) order {
		return sys(unix.SYS_FCHOWNAT, num(cwd), str(p), num(-1), num(-1), num(0))
	},
	"futimesat":    func(p string, _ int64) order { return sys(unix.SYS_FUTIMESAT, num(cwd), str(p), num(0)) },
	"lchown":       func(p string, _ int64) order { return sys(unix.SYS_LCHOWN, str(p), num(-1), num(-1)) },
	"lremovexattr": func(p string, _ int64) order { return sys(unix.SYS_LREMOVEXATTR, str(p), str("user.x")) },
	"lsetxattr":    func(p string, _ int64) order { return sys(unix.SYS_LSETXATTR, str(p), str("user.x"), buf(8), num(8)) },
	"removexattr":  func(p string, _ int64) order { return sys(unix.SYS_REMOVEXATTR, str(p), str("user.x")) },
	"setxattr":     func(p string, _ int64) order { return sys(unix.SYS_SETXATTR, str(p), str("user.x"), buf(8), num(8)) },
	"truncate":     func(p string, _ int64) order { return sys(unix.SYS_TRUNCATE, str(p), num(0)) },
	"utime":        func(p string, _ int64) order { return sys(unix.SYS_UTIME, str(p), num(0)) },
	"utimensat":    func(p string, _ int64) order { return sys(unix.SYS_UTIMENSAT, num(cwd), str(p), num(0), num(0)) },
	"utimes":       func(p string, _ int64) order { return sys(unix.SYS_UTIMES, str(p), num(0)) },
}

// TestEveryPair has a sealed process make each call that Operations lists for
// what has a name, on an object of that operation, and wants it denied in the
// operation's name. The calls with a pid and the signals have tests of their
// own; everyCallSeen misses none.
func TestEveryPair(t *testing.T) {
	dir := fmt.Sprintf("/proc/%d", stranger(t))
	objects := map[string]string{
		opSysctlRead: secret, opSysctlWrite: secret, opPidInfo: dir + "/stat", opPidFDInfo: dir + "/fd", opRusage: dir + "/io",
		opSetControl: dir + "/oom_score_adj", opListPids: "/proc", opFileRead: "/dev/null", opFileWrite: "/dev/null",
	}
	s := sealWith(t, decider(func(q sbpl.Query) sbpl.Action {
		if target := fact(q, "target"); target == nil || slices.Contains(target, "others") {
			return sbpl.Deny
		}
		return sbpl.Allow
	}))
	made := 0
	for _, m := range Operations() {
		path, named := objects[m.Operation]
		for _, name := range m.Carriers {
			call := nameCalls[name]
			if !named || call == nil {
				continue
			}
			var flags int64 = unix.O_RDONLY
			if m.Operation == opSysctlWrite || m.Operation == opSetControl || m.Operation == opFileWrite {
				flags = unix.O_WRONLY
			}
			made++
			s.take()
			if r := s.do(call(path, flags)); unix.Errno(r.Errno) != unix.EPERM {
				t.Errorf("%s %s: %s, want EPERM", name, path, errnoName(r.Errno))
			}
			wantRow(t, s.take(), name+" "+m.Operation+" * deny/policy/deny")
		}
	}
	if made < 100 {
		t.Errorf("%d calls were made: the lists have lost something", made)
	}
}

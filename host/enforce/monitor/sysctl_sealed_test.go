//go:build linux && amd64

package monitor

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

const cwd = unix.AT_FDCWD

func openOrder(path string) order {
	return sys(unix.SYS_OPENAT, num(cwd), str(path), num(unix.O_RDONLY))
}

func dirOrder(path string) order {
	return sys(unix.SYS_OPENAT, num(cwd), str(path), num(unix.O_PATH|unix.O_DIRECTORY)).as("dir")
}

func how(flags, resolve uint64) arg {
	b := make([]byte, 24)
	binary.NativeEndian.PutUint64(b, flags)
	binary.NativeEndian.PutUint64(b[16:], resolve)
	return raw(b...)
}

// Two sysctls that every machine has: one denied here, one allowed.
const (
	secret = "/proc/sys/kernel/ostype"
	public = "/proc/sys/kernel/osrelease"
)

// variants are the ways to name a file.
func variants(path string) map[string][]order {
	rel := path[len("/proc/sys/kernel/"):]
	open := func(p string) order { return openOrder(p) }
	return map[string][]order{
		"openat":          {open(path)},
		"open":            {sys(unix.SYS_OPEN, str(path), num(0))},
		"openat2":         {sys(unix.SYS_OPENAT2, num(cwd), str(path), how(0, 0), num(24))},
		"dot dot":         {open("/proc/sys/net/../kernel/" + rel)},
		"slashes":         {open("//proc///sys/./kernel//" + rel)},
		"self root":       {open("/proc/self/root" + path)},
		"self cwd":        {sys(unix.SYS_CHDIR, str("/")), open("/proc/self/cwd" + path)},
		"thread-self":     {open("/proc/thread-self/root" + path)},
		"dirfd":           {dirOrder("/proc/sys/kernel"), sys(unix.SYS_OPENAT, reg("dir"), str(rel), num(0))},
		"dirfd and dots":  {dirOrder("/proc/self"), sys(unix.SYS_OPENAT, reg("dir"), str("../sys/kernel/"+rel), num(0))},
		"dev fd":          {dirOrder("/proc/sys/kernel"), {Prog: "devfd", Args: []arg{str(rel), reg("dir")}}},
		"cwd":             {sys(unix.SYS_CHDIR, str("/proc/sys/kernel")), open(rel)},
		"fchdir":          {dirOrder("/proc/sys/kernel"), sys(unix.SYS_FCHDIR, reg("dir")), open("./" + rel)},
		"openat2 beneath": {dirOrder("/proc/sys"), sys(unix.SYS_OPENAT2, reg("dir"), str("kernel/"+rel), how(0, unix.RESOLVE_BENEATH), num(24))},
		"openat2 in root": {dirOrder("/proc/sys"), sys(unix.SYS_OPENAT2, reg("dir"), str("/kernel/"+rel), how(0, unix.RESOLVE_IN_ROOT), num(24))},
		"openat2 nolinks": {sys(unix.SYS_OPENAT2, num(cwd), str(path), how(0, unix.RESOLVE_NO_SYMLINKS), num(24))},
		"O_NOFOLLOW":      {sys(unix.SYS_OPENAT, num(cwd), str(path), num(unix.O_NOFOLLOW))},
		"O_CREAT":         {sys(unix.SYS_OPENAT, num(cwd), str(path), num(unix.O_CREAT), num(0o600))},
	}
}

func init() {
	programs["devfd"] = func(o order, regs map[string]int64) report {
		p := "/dev/fd/" + strconv.Itoa(int(regs[o.Args[1].Reg])) + "/" + *o.Args[0].S
		fd, err := unix.Open(p, unix.O_RDONLY, 0)
		if err != nil {
			return report{Ret: -1, Errno: int(err.(unix.Errno))}
		}
		return report{Ret: int64(fd)}
	}
	programs["reopen"] = func(_ order, regs map[string]int64) report {
		fd, err := unix.Open("/proc/self/fd/"+strconv.Itoa(int(regs["fd"])), unix.O_RDONLY, 0)
		if err != nil {
			return report{Ret: -1, Errno: int(err.(unix.Errno))}
		}
		return report{Ret: int64(fd)}
	}
}

// TestSysctlOpen names a denied and an allowed sysctl in every way. The policy
// swaps, so that neither outcome is the default.
func TestSysctlOpen(t *testing.T) {
	for _, swap := range []bool{false, true} {
		deny, allow := secret, public
		if swap {
			deny, allow = public, secret
		}
		s := sealWith(t, denying("sysctl-read "+sysctlName(deny[len("/proc/sys/"):])))
		want, _ := os.ReadFile(allow)
		for name, orders := range variants(deny) {
			if r := s.do(orders...); r.Errno != int(unix.EPERM) {
				t.Errorf("%s %s: %s, want EPERM", name, deny, errnoName(r.Errno))
			}
			row := wantRow(t, s.take(), "* sysctl-read "+sysctlName(deny[len("/proc/sys/"):])+" deny/policy/deny")
			if row != nil && (row.Epoch != 1 || row.PID != s.pid || row.Rule == nil || row.Rule.Line != 3 ||
				row.Object != "exists" || *row.Errno != 1 || row.Path == nil || row.Path.Source != "monitor") {
				t.Errorf("%s: row %+v path %+v", name, row, row.Path)
			}
		}
		for name, orders := range variants(allow) {
			orders[len(orders)-1].Save = "fd"
			r := s.do(append(orders, order{Prog: "read", Args: []arg{reg("fd")}})...)
			if r.Text != string(want) {
				t.Errorf("%s %s: read %q (%s), want %q", name, allow, r.Text, errnoName(r.Errno), want)
			}
			row := wantRow(t, s.take(), "* sysctl-read "+sysctlName(allow[len("/proc/sys/"):])+" allow/policy/inject")
			if row != nil && (row.Path.Observed != allow || row.Object != "exists" || row.Errno != nil) {
				t.Errorf("%s: row %+v path %+v", name, row, row.Path)
			}
			s.do(sys(unix.SYS_CLOSE, reg("fd")))
		}
	}
}

// TestSysctlLinks goes through links that the victim finds or made itself.
func TestSysctlLinks(t *testing.T) {
	dir := t.TempDir()
	for name, target := range map[string]string{
		"direct": secret, "dir": "/proc/sys/kernel", "self": "/proc/self/root" + secret, "chain": filepath.Join(dir, "direct"),
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := sealWith(t, denying("sysctl-read kernel.ostype"))
	for _, name := range []string{"direct", "dir/ostype", "self", "chain"} {
		if r := s.do(openOrder(filepath.Join(dir, name))); r.Errno != int(unix.EPERM) {
			t.Errorf("%s: %s", name, errnoName(r.Errno))
		}
		wantRow(t, s.take(), "openat sysctl-read kernel.ostype deny/policy/deny")
	}
}

// TestSysctlReopen shows that a path descriptor gives no access.
func TestSysctlReopen(t *testing.T) {
	s := sealWith(t, denying("sysctl-read kernel.ostype"))
	pathOpen := sys(unix.SYS_OPENAT, num(cwd), str(secret), num(unix.O_PATH)).as("fd")
	if r := s.do(pathOpen); r.Errno != int(unix.EPERM) {
		t.Errorf("O_PATH: %s", errnoName(r.Errno))
	}
	before := seal(t)
	before.do(pathOpen)
	if _, err := before.m.Seal(denying("sysctl-read kernel.ostype")); err != nil {
		t.Fatal(err)
	}
	before.take()
	if r := before.do(order{Prog: "reopen"}); r.Errno != int(unix.EPERM) {
		t.Errorf("reopening: %s", errnoName(r.Errno))
	}
	wantRow(t, before.take(), "openat sysctl-read kernel.ostype deny/policy/deny")
}

// TestSysctlAccess separates reading, writing and both.
func TestSysctlAccess(t *testing.T) {
	read, write := "sysctl-read kernel.ostype", "sysctl-write kernel.ostype"
	parent, victims := t, map[string]*sealed{} // by what is denied
	for _, c := range []struct {
		name string
		deny string
		o    order
		want unix.Errno
		rows []string
	}{
		{"write denied", write, sys(unix.SYS_OPENAT, num(cwd), str(secret), num(unix.O_WRONLY)), unix.EPERM, []string{"openat sysctl-write kernel.ostype deny/policy/deny"}},
		{"read stays", write, openOrder(secret), 0, []string{"openat sysctl-read kernel.ostype allow/policy/inject"}},
		{"both", write, sys(unix.SYS_OPENAT, num(cwd), str(secret), num(unix.O_RDWR)), unix.EPERM, []string{"openat sysctl-read kernel.ostype allow/policy/deny", "openat sysctl-write kernel.ostype deny/policy/deny"}},
		{"creat", write, sys(unix.SYS_CREAT, str(secret), num(0)), unix.EPERM, []string{"creat sysctl-write kernel.ostype deny/policy/deny"}},
		{"truncating open", write, sys(unix.SYS_OPENAT, num(cwd), str(secret), num(unix.O_TRUNC)), unix.EPERM, []string{"openat sysctl-write kernel.ostype deny/policy/deny"}},
		{"truncate", write, sys(unix.SYS_TRUNCATE, str(secret), num(0)), unix.EPERM, []string{"truncate sysctl-write kernel.ostype deny/policy/deny"}},
		{"write allowed, file read-only", read, sys(unix.SYS_OPENAT, num(cwd), str(secret), num(unix.O_WRONLY)), readOnlyErrno(), []string{"openat sysctl-write kernel.ostype allow/policy/emulate"}},
		{"absent allowed", read, openOrder("/proc/sys/kernel/nothere"), unix.ENOENT, []string{"openat sysctl-read kernel.nothere allow/policy/emulate"}},
		{"absent denied", "sysctl-read kernel.nothere", openOrder("/proc/sys/kernel/nothere"), unix.EPERM, []string{"openat sysctl-read kernel.nothere deny/policy/deny"}},
		{"absent by walk", "sysctl-read kernel.nothere", openOrder("/proc/sys/../sys/kernel/nothere"), unix.EPERM, []string{"openat sysctl-read kernel.nothere deny/policy/deny"}},
		{"directory", "sysctl-read kernel", sys(unix.SYS_OPENAT, num(cwd), str("/proc/sys/kernel"), num(unix.O_DIRECTORY)), unix.EPERM, []string{"openat sysctl-read kernel deny/policy/deny"}},
		{"stat", read, sys(unix.SYS_STAT, str(secret), buf(256)), unix.EPERM, []string{"stat sysctl-read kernel.ostype deny/policy/deny"}},
		{"lstat", read, sys(unix.SYS_LSTAT, str(secret), buf(256)), unix.EPERM, []string{"lstat sysctl-read kernel.ostype deny/policy/deny"}},
		{"newfstatat", read, sys(unix.SYS_NEWFSTATAT, num(cwd), str(secret), buf(256), num(0)), unix.EPERM, []string{"newfstatat sysctl-read kernel.ostype deny/policy/deny"}},
		{"statx", read, sys(unix.SYS_STATX, num(cwd), str(secret), num(0), num(0xfff), buf(256)), unix.EPERM, []string{"statx sysctl-read kernel.ostype deny/policy/deny"}},
		{"access", read, sys(unix.SYS_ACCESS, str(secret), num(0)), unix.EPERM, []string{"access sysctl-read kernel.ostype deny/policy/deny"}},
		{"faccessat", read, sys(unix.SYS_FACCESSAT, num(cwd), str(secret), num(0)), unix.EPERM, []string{"faccessat sysctl-read kernel.ostype deny/policy/deny"}},
		{"faccessat2", read, sys(unix.SYS_FACCESSAT2, num(cwd), str(secret), num(0), num(0)), unix.EPERM, []string{"faccessat2 sysctl-read kernel.ostype deny/policy/deny"}},
		{"readlink", read, sys(unix.SYS_READLINK, str(secret), buf(64), num(64)), unix.EPERM, []string{"readlink sysctl-read kernel.ostype deny/policy/deny"}},
		{"readlinkat", read, sys(unix.SYS_READLINKAT, num(cwd), str(secret), buf(64), num(64)), unix.EPERM, []string{"readlinkat sysctl-read kernel.ostype deny/policy/deny"}},
		{"statfs", read, sys(unix.SYS_STATFS, str(secret), buf(256)), unix.EPERM, []string{"statfs sysctl-read kernel.ostype deny/policy/deny"}},
		{"getxattr", read, sys(unix.SYS_GETXATTR, str(secret), str("user.x"), buf(64), num(64)), unix.EPERM, []string{"getxattr sysctl-read kernel.ostype deny/policy/deny"}},
		{"llistxattr", read, sys(unix.SYS_LLISTXATTR, str(secret), buf(64), num(64)), unix.EPERM, []string{"llistxattr sysctl-read kernel.ostype deny/policy/deny"}},
		{"inotify", read, sys(unix.SYS_INOTIFY_ADD_WATCH, num(0), str(secret), num(2)), unix.EPERM, []string{"inotify_add_watch sysctl-read kernel.ostype deny/policy/deny"}},
		{"chdir", "sysctl-read kernel", sys(unix.SYS_CHDIR, str("/proc/sys/kernel")), unix.EPERM, []string{"chdir sysctl-read kernel deny/policy/deny"}},
		{"chmod", write, sys(unix.SYS_CHMOD, str(secret), num(0)), unix.EPERM, []string{"chmod sysctl-write kernel.ostype deny/policy/deny"}},
		{"utimensat", write, sys(unix.SYS_UTIMENSAT, num(cwd), str(secret), num(0), num(0)), unix.EPERM, []string{"utimensat sysctl-write kernel.ostype deny/policy/deny"}},
		{"setxattr", write, sys(unix.SYS_SETXATTR, str(secret), str("user.x"), str("y"), num(1), num(0)), unix.EPERM, []string{"setxattr sysctl-write kernel.ostype deny/policy/deny"}},
		{"uname denied", read, sys(unix.SYS_UNAME, buf(400)), unix.EPERM, []string{"uname sysctl-read kernel.ostype deny/policy/deny"}},
		{"uname allowed", write, sys(unix.SYS_UNAME, buf(400)), 0, []string{"uname sysctl-read kernel.version allow/policy/continue"}},
		{"/proc/version", write, openOrder("/proc/version"), unix.EPERM, []string{"openat   deny/containment/deny"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := victims[c.deny]
			if s == nil {
				s = sealWith(parent, denying(c.deny))
				victims[c.deny] = s
			}
			s.take()
			if r := s.do(c.o); unix.Errno(r.Errno) != c.want {
				t.Errorf("%s, want %s", errnoName(r.Errno), errnoName(int(c.want)))
			}
			rows := s.take()
			for _, w := range c.rows {
				wantRow(t, rows, w)
			}
		})
	}
}

// readOnlyErrno is what opening a read-only sysctl for writing gives here: root
// is let in, and fails later.
func readOnlyErrno() unix.Errno {
	fd, err := unix.Open(secret, unix.O_WRONLY, 0)
	if err != nil {
		return err.(unix.Errno)
	}
	unix.Close(fd)
	return 0
}

// TestStatIsTheSame compares answers given by the host with the kernel's.
func TestStatIsTheSame(t *testing.T) {
	s := sealWith(t, denying())
	for _, path := range []string{public, "/etc/passwd", "/", "/proc/self/exe"} {
		var st unix.Stat_t
		if err := unix.Stat(path, &st); err != nil {
			t.Fatal(err)
		}
		r := s.do(sys(unix.SYS_STAT, str(path), buf(144)))
		if r.Errno != 0 || binary.NativeEndian.Uint64(r.Bufs[0][8:]) != st.Ino || binary.NativeEndian.Uint32(r.Bufs[0][24:]) != st.Mode {
			t.Errorf("%s: %s %x", path, errnoName(r.Errno), r.Bufs[0][:32])
		}
	}
	r := s.do(sys(unix.SYS_READLINK, str("/proc/self"), buf(64), num(64)))
	if got := string(bytes.TrimRight(r.Bufs[0], "\x00")); got != strconv.Itoa(s.pid) || int(r.Ret) != len(got) {
		t.Errorf("/proc/self leads to %q, want %d", got, s.pid)
	}
	if r := s.do(sys(unix.SYS_STAT, str("/nothere"), buf(144))); r.Errno != int(unix.ENOENT) {
		t.Errorf("absent: %s", errnoName(r.Errno))
	}
	if rows := s.take(); len(rows) != 2 { // public's stat and the link of /proc/self is none's
		for _, row := range rows {
			if row.Operation == "" {
				t.Errorf("a row for a plain file: %s", showRow(row))
			}
		}
	}
}

// TestPreludeThenSeal shows the switch: allowed and witnessed, then judged.
func TestPreludeThenSeal(t *testing.T) {
	s := seal(t)
	s.take()
	if r := s.do(openOrder(secret)); r.Errno != 0 {
		t.Errorf("prelude: %s", errnoName(r.Errno))
	}
	row := wantRow(t, s.take(), "openat sysctl-read kernel.ostype allow/prelude/inject")
	if row != nil && (row.Epoch != 0 || row.Rule != nil) {
		t.Errorf("row: %+v", row)
	}
	p := denying("sysctl-read kernel.ostype")
	if epoch, err := s.m.Seal(p); epoch != 1 || err != nil {
		t.Fatal(epoch, err)
	}
	if _, err := s.m.Seal(p); err == nil {
		t.Error("sealed twice")
	}
	if r := s.do(openOrder(secret)); r.Errno != int(unix.EPERM) {
		t.Errorf("sealed: %s", errnoName(r.Errno))
	}
	wantRow(t, s.take(), "openat sysctl-read kernel.ostype deny/policy/deny")
}

func TestSysctlName(t *testing.T) {
	for rel, want := range map[string]string{
		"kernel/ostype": "kernel.ostype", "net/ipv4/conf/eth0.1/mtu": "net.ipv4.conf.eth0/1.mtu", "": "",
	} {
		if got := sysctlName(rel); got != want {
			t.Errorf("%q: %q, want %q", rel, got, want)
		}
	}
}

// TestSysctlMetadata: every other call that tells or changes what is known of
// a name. They are refused before anything is looked at.
func TestSysctlMetadata(t *testing.T) {
	const read, write = "sysctl-read", "sysctl-write"
	name, at := str(secret), num(cwd)
	s := sealWith(t, denying(read+" kernel.ostype", write+" kernel.ostype"))
	for _, c := range []struct {
		call, op string
		o        order
	}{
		{"fchmodat", write, sys(unix.SYS_FCHMODAT, at, name, num(0))},
		{"fchmodat2", write, sys(unix.SYS_FCHMODAT2, at, name, num(0), num(0))},
		{"chown", write, sys(unix.SYS_CHOWN, name, num(-1), num(-1))},
		{"lchown", write, sys(unix.SYS_LCHOWN, name, num(-1), num(-1))},
		{"fchownat", write, sys(unix.SYS_FCHOWNAT, at, name, num(-1), num(-1), num(0))},
		{"utime", write, sys(unix.SYS_UTIME, name, num(0))},
		{"utimes", write, sys(unix.SYS_UTIMES, name, num(0))},
		{"futimesat", write, sys(unix.SYS_FUTIMESAT, at, name, num(0))},
		{"lsetxattr", write, sys(unix.SYS_LSETXATTR, name, str("user.x"), str("y"), num(1), num(0))},
		{"removexattr", write, sys(unix.SYS_REMOVEXATTR, name, str("user.x"))},
		{"lremovexattr", write, sys(unix.SYS_LREMOVEXATTR, name, str("user.x"))},
		{"lgetxattr", read, sys(unix.SYS_LGETXATTR, name, str("user.x"), buf(64), num(64))},
		{"listxattr", read, sys(unix.SYS_LISTXATTR, name, buf(64), num(64))},
	} {
		s.take()
		if r := s.do(c.o); unix.Errno(r.Errno) != unix.EPERM {
			t.Errorf("%s: %s, want EPERM", c.call, errnoName(r.Errno))
		}
		wantRow(t, s.take(), c.call+" "+c.op+" kernel.ostype deny/policy/deny")
	}
}

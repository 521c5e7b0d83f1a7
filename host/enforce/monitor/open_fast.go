//go:build linux

package monitor

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openFast serves clean names of the real /proc: beneath it, without links and
// mounts, the name is the object, and one openat2 replaces the walk. ok is false
// for every other name.
func (c *call) openFast(name string, o *opening) (r reply, ok bool) {
	const pre = "/proc/"
	const special = unix.O_CREAT | unix.O_PATH | (unix.O_TMPFILE &^ unix.O_DIRECTORY)
	if len(name) <= len(pre) || name[:len(pre)] != pre || o.resolve != 0 || o.flags&special != 0 {
		return r, false
	}
	rel := name[len(pre):]
	if !cleanName(rel) {
		return r, false
	}
	if len(rel) > 5 && rel[:5] == "self/" {
		rel = strconv.Itoa(c.pid) + rel[4:]
	}
	if len(rel) <= 4 || rel[:4] != "sys/" {
		pid, rest := procPid(rel)
		if pid == 0 || !flatFiles[rest] {
			return r, false
		}
	}
	f := c.findName(rel, o.wants(), false)
	if r, ok := c.ask(f.subjects...); !ok {
		if r.kind == denied && f.subjects[0].target == nil {
			there := c.m.there(rel)
			c.setObject(there)
			if there == "exists" {
				c.path.Observed = pre + rel
			}
		}
		return r, true
	}
	if f.fence != "" {
		return contain(unix.EPERM, f.fence), true
	}
	fd, e := c.m.openBeneathProc(rel, hostFlags(o.flags))
	switch e {
	case 0:
	case unix.ELOOP, unix.EXDEV, unix.EAGAIN: // not as clean as it looked
		c.rows, c.signal = nil, 0
		return r, false
	default:
		if e == unix.ENOENT {
			c.setObject("absent")
		}
		return fail(e), true
	}
	if f.peer != nil && f.peer.replaced(c.m) {
		unix.Close(fd) // the pid was used in between: judge whoever it is now
		c.rows, c.signal = nil, 0
		return r, false
	}
	c.setObject("exists")
	c.path.Observed = pre + rel
	return inject(fd, o.flags&unix.O_CLOEXEC != 0), true
}

// setObject corrects what the rows say once the object was looked for.
func (c *call) setObject(s string) {
	for _, row := range c.rows {
		row.Object = s
	}
}

// there says whether a clean name below /proc exists.
func (m *Monitor) there(rel string) string {
	var st unix.Stat_t
	switch unix.Fstatat(m.proc, rel, &st, unix.AT_SYMLINK_NOFOLLOW) {
	case nil:
		return "exists"
	case unix.ENOENT:
		return "absent"
	}
	return "unknown"
}

func (m *Monitor) openBeneathProc(rel string, flags int) (int, unix.Errno) {
	how := unix.OpenHow{
		Flags:   uint64(flags) &^ unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	}
	p, err := unix.BytePtrFromString(rel)
	if err != nil {
		return -1, unix.ENOENT
	}
	fd, _, e := unix.RawSyscall6(unix.SYS_OPENAT2, uintptr(m.proc), uintptr(unsafe.Pointer(p)),
		uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how), 0, 0)
	return int(fd), e
}

// flatFiles are the plain files of a process's directory that probes and
// runtimes open most.
var flatFiles = map[string]bool{
	"stat": true, "status": true, "statm": true, "cmdline": true, "comm": true, "cgroup": true, "mounts": true,
	"mountinfo": true, "limits": true, "io": true, "schedstat": true, "oom_score": true, "oom_score_adj": true,
	"environ": true, "maps": true, "mem": true, "wchan": true, "auxv": true,
}

// cleanName says that no part is empty, "." or "..".
func cleanName(rel string) bool {
	if rel[len(rel)-1] == '/' {
		return false
	}
	from := 0
	for i := 0; i <= len(rel); i++ {
		if i == len(rel) || rel[i] == '/' {
			switch rel[from:i] {
			case "", ".", "..":
				return false
			}
			from = i + 1
		}
	}
	return true
}

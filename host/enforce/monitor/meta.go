//go:build linux

package monitor

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Names are asked about in many ways besides opening. The host looks at the
// object it judged and writes the answer into the plugin: a name that changes
// in between leads nowhere.

func statCall(c *call) reply  { return c.look(unix.AT_FDCWD, c.arg(0), true, c.giveStat(c.arg(1))) }
func lstatCall(c *call) reply { return c.look(unix.AT_FDCWD, c.arg(0), false, c.giveStat(c.arg(1))) }

func fstatatCall(c *call) reply {
	return c.look(c.int(0), c.arg(1), c.arg(3)&unix.AT_SYMLINK_NOFOLLOW == 0, c.giveStat(c.arg(2)))
}

func (c *call) giveStat(addr uint64) func(*object) reply {
	return func(o *object) reply {
		var st unix.Stat_t
		if err := unix.Fstat(o.fd, &st); err != nil {
			return fail(errnoOf(err))
		}
		return c.give(addr, unsafe.Slice((*byte)(unsafe.Pointer(&st)), unsafe.Sizeof(st)), 0)
	}
}

func statxCall(c *call) reply {
	flags, mask, addr := c.int(2), c.int(3), c.arg(4)
	return c.look(c.int(0), c.arg(1), flags&unix.AT_SYMLINK_NOFOLLOW == 0, func(o *object) reply {
		var st unix.Statx_t
		how := unix.AT_EMPTY_PATH | flags&(unix.AT_STATX_FORCE_SYNC|unix.AT_STATX_DONT_SYNC)
		if err := unix.Statx(o.fd, "", how, mask, &st); err != nil {
			return fail(errnoOf(err))
		}
		return c.give(addr, unsafe.Slice((*byte)(unsafe.Pointer(&st)), unsafe.Sizeof(st)), 0)
	})
}

func accessCall(c *call) reply {
	return c.look(unix.AT_FDCWD, c.arg(0), true, c.giveAccess(c.arg(1), 0))
}

func faccessatCall(c *call) reply { return c.look(c.int(0), c.arg(1), true, c.giveAccess(c.arg(2), 0)) }

func faccessat2Call(c *call) reply {
	flags := c.arg(3)
	return c.look(c.int(0), c.arg(1), flags&unix.AT_SYMLINK_NOFOLLOW == 0, c.giveAccess(c.arg(2), flags&unix.AT_EACCESS))
}

func (c *call) giveAccess(mode, flags uint64) func(*object) reply {
	return func(o *object) reply {
		var empty byte
		_, _, e := unix.Syscall6(unix.SYS_FACCESSAT2, uintptr(o.fd), uintptr(unsafe.Pointer(&empty)),
			uintptr(mode), uintptr(flags|unix.AT_EMPTY_PATH), 0, 0)
		if e != 0 {
			return fail(e)
		}
		return result(0, nil)
	}
}

func readlinkCall(c *call) reply {
	return c.look(unix.AT_FDCWD, c.arg(0), false, c.giveLink(c.arg(1), c.int(2)))
}

func readlinkatCall(c *call) reply {
	return c.look(c.int(0), c.arg(1), false, c.giveLink(c.arg(2), c.int(3)))
}

func (c *call) giveLink(addr uint64, size int) func(*object) reply {
	return func(o *object) reply {
		var b [4096]byte
		switch {
		case size <= 0 || !o.isLink():
			return fail(unix.EINVAL)
		case o.path == "/proc/self":
			return c.give(addr, cut(strconv.AppendInt(b[:0], int64(c.pid), 10), size), -1)
		case o.path == "/proc/thread-self":
			s := strconv.Itoa(c.pid) + "/task/" + strconv.Itoa(c.tid)
			return c.give(addr, cut([]byte(s), size), -1)
		}
		n, err := unix.Readlinkat(o.fd, "", b[:])
		if err != nil {
			return fail(errnoOf(err))
		}
		return c.give(addr, cut(b[:n], size), -1)
	}
}

func cut(b []byte, size int) []byte { return b[:min(len(b), size)] }

// give writes an answer into the plugin and returns v, or the length for -1.
func (c *call) give(addr uint64, b []byte, v int64) reply {
	if !c.waits() {
		return gone()
	}
	if e := writeMemory(c.tid, addr, b); e != 0 {
		return fail(unix.EFAULT)
	}
	if v < 0 {
		v = int64(len(b))
	}
	return result(v, nil)
}

// look judges the object behind a name and has then answer about it. An empty
// name is the descriptor itself, which was judged when it was opened.
func (c *call) look(dirfd int, addr uint64, follow bool, then func(*object) reply) reply {
	return c.lookFor(dirfd, addr, follow, looks, then)
}

func (c *call) lookFor(dirfd int, addr uint64, follow bool, a access, then func(*object) reply) reply {
	name, e := readString(c.tid, addr, c.m.buf[:])
	if e != 0 {
		return fail(e)
	}
	c.observe(name)
	if r, ok := c.at(dirfd, name, follow); !ok {
		return r
	}
	o := &c.object
	if o.exists() {
		c.path.Observed = o.path
	}
	if name == "" { // only where the call takes AT_EMPTY_PATH does the kernel come this far
		if !c.takesEmpty() {
			return fail(unix.ENOENT)
		}
	} else if r, ok := c.allow(c.find(o, a)); !ok {
		return r
	}
	if !o.exists() {
		return fail(o.errno)
	}
	return then(o)
}

// takesEmpty says whether the call may be about a descriptor.
func (c *call) takesEmpty() bool {
	switch c.name {
	case "newfstatat", "faccessat2", "utimensat", "fchmodat2":
		return c.arg(3)&unix.AT_EMPTY_PATH != 0
	case "statx":
		return c.arg(2)&unix.AT_EMPTY_PATH != 0
	case "fchownat":
		return c.arg(4)&unix.AT_EMPTY_PATH != 0
	case "readlinkat":
		return true
	}
	return false
}

// The remaining calls with a name cannot be answered from here. They tell about
// existence at most, or lead to a directory below which every name is judged.

func chdirCall(c *call) reply { return c.lookThenProceed(c.arg(0), looks, true) }

func statfsCall(c *call) reply { return c.lookThenProceed(c.arg(0), looks, true) }

func xattrCall(c *call) reply { return c.lookThenProceed(c.arg(0), looks, true) }

func lxattrCall(c *call) reply { return c.lookThenProceed(c.arg(0), looks, false) }

func inotifyCall(c *call) reply { return c.lookThenProceed(c.arg(1), looks, true) }

func truncateCall(c *call) reply { return c.lookThenProceed(c.arg(0), writes, true) }

func (c *call) lookThenProceed(addr uint64, a access, follow bool) reply {
	return c.lookFor(unix.AT_FDCWD, addr, follow, a, func(*object) reply { return proceed() })
}

// changeCall changes the metadata of the name in argument path, which starts at
// the directory in argument dirfd (-1 for none). It counts as writing.
func changeCall(dirfd, path int, follow bool) func(*call) reply {
	return func(c *call) reply {
		dir := unix.AT_FDCWD
		if dirfd >= 0 {
			dir = c.int(dirfd)
		}
		if c.arg(path) == 0 { // futimens: a descriptor
			return proceed()
		}
		return c.lookFor(dir, c.arg(path), follow, writes, func(*object) reply { return proceed() })
	}
}

// unameCall answers uname, which mirrors four kernel.* sysctls and the domain
// name: it is allowed when each of them is. The machine field is not one.
func unameCall(c *call) reply {
	var all []subject
	for _, name := range []string{"kernel.ostype", "kernel.hostname", "kernel.osrelease", "kernel.version", "kernel.domainname"} {
		all = append(all, sysctlSubjects(name, reads, true)...)
	}
	if r, ok := c.judge(all...); !ok {
		return r
	}
	return proceed()
}

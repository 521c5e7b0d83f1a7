//go:build linux

package monitor

import (
	"strconv"

	"golang.org/x/sys/unix"
)

const procRootIno = 1 // PROC_ROOT_INO

// object is what a name really leads to.
type object struct {
	fd      int // O_PATH descriptor in the host, -1 when there is none
	errno   unix.Errno
	path    string // as the kernel names it, where that matters; of an absent object: its directory's name and the rest
	mode    uint32
	dev     uint64
	rdev    uint64 // of a device node
	ino     uint64
	fstype  int64
	symlink bool // a symbolic link was followed
	magic   bool // a magic link of /proc was followed
	foreign int  // the process whose magic link was followed, when it was not the caller's
}

func (o *object) exists() bool { return o.fd >= 0 }
func (o *object) isLink() bool { return o.exists() && o.mode&unix.S_IFMT == unix.S_IFLNK }
func (o *object) isDir() bool  { return o.exists() && o.mode&unix.S_IFMT == unix.S_IFDIR }

func (o *object) close() {
	if o.fd >= 0 {
		unix.Close(o.fd)
	}
}

// fill asks the descriptor who it is.
func (o *object) fill() unix.Errno {
	var st unix.Stat_t
	var fs unix.Statfs_t
	if err := unix.Fstat(o.fd, &st); err != nil {
		return o.drop(err)
	}
	if err := unix.Fstatfs(o.fd, &fs); err != nil {
		return o.drop(err)
	}
	o.mode, o.dev, o.ino, o.rdev, o.fstype = st.Mode, st.Dev, st.Ino, st.Rdev, fs.Type
	if o.foreign == 0 && !namedFS[fs.Type] {
		return 0 // a plain file, whatever its name
	}
	if o.path = namePath(o.fd); o.path == "" {
		return o.drop(unix.EIO)
	}
	return 0
}

// namedFS are the file systems where the name says what an object is.
var namedFS = map[int64]bool{
	unix.PROC_SUPER_MAGIC: true, unix.SYSFS_MAGIC: true, unix.CGROUP_SUPER_MAGIC: true, unix.CGROUP2_SUPER_MAGIC: true,
}

func (o *object) drop(err error) unix.Errno {
	o.close()
	o.fd, o.errno = -1, errnoOf(err)
	return o.errno
}

func selfFD(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// namePath is the kernel's name of a descriptor's object.
func namePath(fd int) string {
	var b [4096]byte
	n, err := unix.Readlink(selfFD(fd), b[:])
	if err != nil || n == len(b) {
		return ""
	}
	return string(b[:n])
}

// maxTries bounds the calls that the host repeats after EINTR or EAGAIN. A plugin can
// cause both: it renames directories while ".." is looked up below one.
const maxTries = 32

// openPath opens a name without access to its object. Of the flags that a
// plugin gave its own call, resolve may have [boundary] only: the kernel answers
// RESOLVE_CACHED with EAGAIN as often as it is asked.
func openPath(dir int, p string, flags, resolve uint64) (fd int, err error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags, Resolve: resolve}
	for range maxTries {
		if fd, err = unix.Openat2(dir, p, &how); err != unix.EINTR && err != unix.EAGAIN {
			break
		}
	}
	return fd, err
}

// base opens the directory that a relative name starts from, as the caller has
// it.
func (c *call) base(dirfd int) (int, unix.Errno) {
	p := strconv.Itoa(c.tid) + "/cwd"
	if dirfd != unix.AT_FDCWD {
		if dirfd < 0 {
			return -1, unix.EBADF
		}
		p = strconv.Itoa(c.tid) + "/fd/" + strconv.Itoa(dirfd)
	}
	fd, err := unix.Openat(c.m.proc, p, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT {
		return -1, unix.EBADF
	}
	if err != nil {
		return -1, errnoOf(err)
	}
	return fd, 0
}

// at resolves a name and leaves the object, or its absence, in the call. ok is
// false when the reply is known already.
func (c *call) at(dirfd int, name string, follow bool) (r reply, ok bool) {
	var e unix.Errno
	c.object, c.start, e = c.resolve(dirfd, name, follow)
	switch {
	case !c.waits():
		return gone(), false
	case e != 0:
		return fail(e), false
	}
	return reply{}, true
}

// release closes what the call's name led to.
func (c *call) release() {
	if c.start >= 0 {
		unix.Close(c.start)
	}
	c.object.close()
}

// resolve finds the object behind a name as the caller would, and holds it: no
// name is read twice. errno is set when there is no object, which is an answer
// too; path then says where it would be.
func (c *call) resolve(dirfd int, name string, follow bool) (o object, base int, e unix.Errno) {
	o.fd, base = -1, -1
	if name == "" || name[0] != '/' {
		if base, e = c.base(dirfd); e != 0 {
			return o, -1, e
		}
	}
	start := base
	if start < 0 {
		start = unix.AT_FDCWD
	}
	if name == "" { // AT_EMPTY_PATH: the descriptor itself
		if o.fd, e = c.base(dirfd); e != 0 {
			o.fd = -1
			return o, base, e
		}
		o.fill()
		return o, base, 0
	}
	flags := uint64(0)
	if !follow {
		flags = unix.O_NOFOLLOW
	}
	// Most names have no links at all: one call is enough.
	fd, err := openPath(start, name, flags, unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS)
	if err == nil {
		o.fd = fd
		o.fill()
		if !o.isLink() || o.fstype != unix.PROC_SUPER_MAGIC {
			return o, base, 0
		}
		o.close() // "self" as the last part: the walk knows whose
		o = object{fd: -1}
	}
	w := walk{c: c, at: -1, base: start, o: object{fd: -1}}
	w.run(name, follow)
	return w.o, base, 0
}

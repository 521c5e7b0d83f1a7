//go:build linux

package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

const (
	resolveCached = 0x20 // RESOLVE_CACHED
	// boundary are the flags of openat2 that say where a name may lead. The host
	// looks a name up with these; the others it answers for itself.
	boundary = unix.RESOLVE_IN_ROOT | unix.RESOLVE_BENEATH | unix.RESOLVE_NO_XDEV |
		unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS
)

// opening is one call of the open family.
type opening struct {
	dirfd   int
	addr    uint64
	flags   uint64
	resolve uint64
}

func openCall(c *call) reply {
	return c.open(opening{unix.AT_FDCWD, c.arg(0), uint64(uint32(c.arg(1))), 0})
}

func openatCall(c *call) reply {
	return c.open(opening{c.int(0), c.arg(1), uint64(uint32(c.arg(2))), 0})
}

func creatCall(c *call) reply {
	return c.open(opening{unix.AT_FDCWD, c.arg(0), unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC, 0})
}

func openat2Call(c *call) reply {
	var how [24]byte
	switch {
	case c.arg(3) < uint64(len(how)):
		return fail(unix.EINVAL)
	case c.arg(3) > uint64(len(how)):
		return fail(unix.E2BIG) // fields that nobody knows yet
	}
	if e := readMemory(c.tid, c.arg(2), how[:]); e != 0 {
		return fail(unix.EFAULT)
	}
	flags, resolve := binary.NativeEndian.Uint64(how[0:]), binary.NativeEndian.Uint64(how[16:])
	return c.open(opening{c.int(0), c.arg(1), flags, resolve})
}

// wants is the access that open flags ask for.
func (o *opening) wants() access {
	if o.flags&unix.O_PATH != 0 {
		return looks
	}
	var a access
	switch o.flags & unix.O_ACCMODE {
	case unix.O_RDONLY:
		a = reads
	case unix.O_WRONLY:
		a = writes
	default:
		a = reads | writes
	}
	if o.flags&unix.O_TRUNC != 0 {
		a |= writes
	}
	return a
}

// open judges and answers a call of the open family.
func (c *call) open(o opening) reply {
	name, e := readString(c.tid, o.addr, c.m.buf[:])
	if e != 0 {
		return fail(e)
	}
	c.observe(name)
	if r, ok := c.openFast(name, &o); ok {
		return r
	}
	if name == "" { // the kernel says ENOENT, unless the name changes: it is ours to say
		return c.unlessGone(fail(unix.ENOENT))
	}
	if o.resolve&(unix.RESOLVE_IN_ROOT|unix.RESOLVE_BENEATH) != 0 {
		return c.openBelow(name, &o)
	}
	if r, ok := c.at(o.dirfd, name, o.flags&unix.O_NOFOLLOW == 0); !ok {
		return r
	}
	return c.openObject(&o)
}

// openObject judges the object that the name led to, and opens it.
func (c *call) openObject(o *opening) reply {
	obj := &c.object
	f, device := c.findDevice(obj, o.wants())
	if !device {
		f = c.find(obj, o.wants())
	}
	if obj.exists() {
		c.path.Observed = obj.path
	}
	if device && obj.exists() && len(f.subjects) > 0 {
		c.path.Observed = f.subjects[0].filter.Value
	}
	if f.class == plain {
		return proceed() // the name is read again: Landlock has no rule for what is guarded
	}
	if r, ok := c.allow(f); !ok {
		return r
	}
	switch {
	case !obj.exists():
		return fail(obj.createErrno(o))
	case o.resolve != 0 && obj.refusedBy(o.resolve) != 0:
		return fail(obj.refusedBy(o.resolve))
	case o.flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL:
		return fail(unix.EEXIST)
	case o.flags&unix.O_PATH != 0:
		// ADDFD refuses it. Such a descriptor gives no access: every use of it
		// is a call that is judged.
		return proceed()
	case obj.isLink():
		return fail(unix.ELOOP)
	case o.flags&unix.O_DIRECTORY != 0 && !obj.isDir():
		return fail(unix.ENOTDIR)
	}
	fd, err := unix.Open(selfFD(obj.fd), hostFlags(o.flags)&^unix.O_NOFOLLOW, 0)
	if err != nil {
		return fail(errnoOf(err))
	}
	return inject(fd, o.flags&unix.O_CLOEXEC != 0)
}

// allow judges a finding. ok is false when the reply is a refusal.
func (c *call) allow(f finding) (r reply, ok bool) {
	if r, ok := c.judge(f.subjects...); !ok {
		return r, false
	}
	if f.fence != "" {
		return contain(unix.EPERM, f.fence), false
	}
	return reply{}, true
}

// hostFlags are the flags with which the host opens an object that exists.
func hostFlags(flags uint64) int {
	const known = unix.O_ACCMODE | unix.O_APPEND | unix.O_NONBLOCK | unix.O_DSYNC | unix.O_SYNC |
		unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_TRUNC
	return int(flags&known) | unix.O_CLOEXEC | unix.O_NOCTTY | unix.O_LARGEFILE
}

// createErrno is what the kernel says about a name with nothing behind it: a
// proc file system cannot create.
func (o *object) createErrno(op *opening) unix.Errno {
	if o.errno == unix.ENOENT && op.flags&unix.O_CREAT != 0 && op.flags&unix.O_PATH == 0 {
		return unix.EACCES
	}
	return o.errno
}

// refusedBy applies the resolve flags that the walk itself did not.
func (o *object) refusedBy(resolve uint64) unix.Errno {
	switch {
	case resolve&unix.RESOLVE_NO_SYMLINKS != 0 && o.symlink, resolve&unix.RESOLVE_NO_MAGICLINKS != 0 && o.magic:
		return unix.ELOOP
	case resolve&unix.RESOLVE_NO_XDEV != 0:
		return unix.EXDEV // a guarded object is never where the name began, but for names below an open /proc
	case resolve&resolveCached != 0:
		return unix.EAGAIN
	case resolve&^(unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS) != 0:
		return unix.EINVAL
	}
	return 0
}

// openBelow handles RESOLVE_BENEATH and RESOLVE_IN_ROOT, where the directory is
// the root of the name. Links are left to the kernel, which reads "self" as the
// host: so what a link leads to may not be in a proc file system.
func (c *call) openBelow(name string, o *opening) reply {
	var e unix.Errno
	if c.start, e = c.base(o.dirfd); e != 0 {
		return c.unlessGone(fail(e))
	}
	obj := &c.object
	var nofollow uint64
	if o.flags&unix.O_NOFOLLOW != 0 {
		nofollow = unix.O_NOFOLLOW
	}
	within := o.resolve & boundary
	fd, err := openPath(c.start, name, nofollow, within|unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS)
	if err == unix.ELOOP && within&unix.RESOLVE_NO_SYMLINKS == 0 {
		fd, err = openPath(c.start, name, nofollow, within|unix.RESOLVE_NO_MAGICLINKS)
		obj.symlink = true
	}
	if err != nil {
		obj.errno = errnoOf(err)
	} else {
		obj.fd = fd
		obj.fill()
	}
	if !c.waits() {
		return gone()
	}
	var fs unix.Statfs_t
	inProc := unix.Fstatfs(c.start, &fs) != nil || fs.Type == unix.PROC_SUPER_MAGIC
	switch {
	case obj.fstype == unix.PROC_SUPER_MAGIC && obj.symlink, obj.isLink() && obj.fstype == unix.PROC_SUPER_MAGIC:
		return contain(unix.EPERM, "a link into a proc file system, under RESOLVE_BENEATH or RESOLVE_IN_ROOT")
	case !obj.exists() && inProc:
		return contain(unix.EPERM, "an absent name below a directory of a proc file system, under RESOLVE_BENEATH or RESOLVE_IN_ROOT")
	}
	o.resolve &^= boundary
	return c.openObject(o)
}

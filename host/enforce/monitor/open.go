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

func openCall(c *call) { c.open(opening{unix.AT_FDCWD, c.arg(0), uint64(uint32(c.arg(1))), 0}) }

func openatCall(c *call) { c.open(opening{c.int(0), c.arg(1), uint64(uint32(c.arg(2))), 0}) }

func creatCall(c *call) {
	c.open(opening{unix.AT_FDCWD, c.arg(0), unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC, 0})
}

func openat2Call(c *call) {
	var how [24]byte
	switch {
	case c.arg(3) < uint64(len(how)):
		c.fail(unix.EINVAL)
		return
	case c.arg(3) > uint64(len(how)):
		c.fail(unix.E2BIG) // fields that nobody knows yet
		return
	}
	if e := readMemory(c.tid, c.arg(2), how[:]); e != 0 {
		c.fail(unix.EFAULT)
		return
	}
	c.open(opening{c.int(0), c.arg(1), binary.NativeEndian.Uint64(how[0:]), binary.NativeEndian.Uint64(how[16:])})
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
func (c *call) open(o opening) {
	name, e := readString(c.tid, o.addr, c.m.buf[:])
	if e != 0 {
		c.fail(e)
		return
	}
	c.observe(name)
	if c.openFast(name, &o) {
		return
	}
	if name == "" {
		c.valid() // the kernel says ENOENT, unless the name changes: it is ours to say
		if !c.replied {
			c.fail(unix.ENOENT)
		}
		return
	}
	if o.resolve&(unix.RESOLVE_IN_ROOT|unix.RESOLVE_BENEATH) != 0 {
		c.openBelow(name, &o)
		return
	}
	obj, base, e := c.resolve(o.dirfd, name, o.flags&unix.O_NOFOLLOW == 0)
	if base >= 0 {
		defer unix.Close(base)
	}
	defer obj.close()
	if !c.valid() {
		return
	}
	if e != 0 {
		c.fail(e)
		return
	}
	c.openObject(&obj, &o)
}

// openObject judges the object that a name led to, and opens it.
func (c *call) openObject(obj *object, o *opening) {
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
		c.proceed() // the name is read again: Landlock has no rule for what is guarded
		return
	}
	if !c.allowed(&f) {
		return
	}
	switch {
	case !obj.exists():
		c.fail(obj.createErrno(o))
	case o.resolve != 0 && obj.refusedBy(o.resolve) != 0:
		c.fail(obj.refusedBy(o.resolve))
	case o.flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL:
		c.fail(unix.EEXIST)
	case o.flags&unix.O_PATH != 0:
		// ADDFD refuses it. Such a descriptor gives no access: every use of it
		// is a call that is judged.
		c.proceed()
	case obj.isLink():
		c.fail(unix.ELOOP)
	case o.flags&unix.O_DIRECTORY != 0 && !obj.isDir():
		c.fail(unix.ENOTDIR)
	default:
		fd, err := unix.Open(selfFD(obj.fd), hostFlags(o.flags)&^unix.O_NOFOLLOW, 0)
		if err != nil {
			c.fail(errnoOf(err))
			return
		}
		c.inject(fd, o.flags&unix.O_CLOEXEC != 0)
		unix.Close(fd)
	}
}

// allowed judges a finding and answers the call when it is refused.
func (c *call) allowed(f *finding) bool {
	if !c.judge(f.subjects...) {
		c.deny()
		return false
	}
	if f.fence != "" {
		c.contain(unix.EPERM, f.fence)
		return false
	}
	return true
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
func (c *call) openBelow(name string, o *opening) {
	base, e := c.base(o.dirfd)
	if e != 0 {
		c.valid()
		if !c.replied {
			c.fail(e)
		}
		return
	}
	defer unix.Close(base)
	obj := object{fd: -1}
	var nofollow uint64
	if o.flags&unix.O_NOFOLLOW != 0 {
		nofollow = unix.O_NOFOLLOW
	}
	within := o.resolve & boundary
	fd, err := openPath(base, name, nofollow, within|unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS)
	if err == unix.ELOOP && within&unix.RESOLVE_NO_SYMLINKS == 0 {
		fd, err = openPath(base, name, nofollow, within|unix.RESOLVE_NO_MAGICLINKS)
		obj.symlink = true
	}
	if obj.fd = fd; err != nil {
		obj.fd, obj.errno = -1, errnoOf(err)
	} else {
		obj.fill()
	}
	defer obj.close()
	if !c.valid() {
		return
	}
	var fs unix.Statfs_t
	inProc := unix.Fstatfs(base, &fs) != nil || fs.Type == unix.PROC_SUPER_MAGIC
	switch {
	case obj.fstype == unix.PROC_SUPER_MAGIC && obj.symlink, obj.isLink() && obj.fstype == unix.PROC_SUPER_MAGIC:
		c.contain(unix.EPERM, "a link into a proc file system, under RESOLVE_BENEATH or RESOLVE_IN_ROOT")
	case !obj.exists() && inProc:
		c.contain(unix.EPERM, "an absent name below a directory of a proc file system, under RESOLVE_BENEATH or RESOLVE_IN_ROOT")
	default:
		o.resolve &^= boundary
		c.openObject(&obj, o)
	}
}

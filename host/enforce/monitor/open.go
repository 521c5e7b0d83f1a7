//go:build linux

package monitor

import (
	"encoding/binary"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

const resolveCached = 0x20 // RESOLVE_CACHED

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
	if obj.exists() {
		c.path.Observed = obj.path
	}
	f := c.find(obj, o.wants())
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
	fd, err := openPath(base, name, nofollow, o.resolve|unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS)
	if err == unix.ELOOP && o.resolve&unix.RESOLVE_NO_SYMLINKS == 0 {
		fd, err = openPath(base, name, nofollow, o.resolve|unix.RESOLVE_NO_MAGICLINKS)
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
		o.resolve = 0
		c.openObject(&obj, o)
	}
}

// openFast serves clean names of the real /proc: beneath it, without links and
// mounts, the name is the object, and one openat2 replaces the walk.
func (c *call) openFast(name string, o *opening) bool {
	const pre = "/proc/"
	const special = unix.O_CREAT | unix.O_PATH | (unix.O_TMPFILE &^ unix.O_DIRECTORY)
	if len(name) <= len(pre) || name[:len(pre)] != pre || o.resolve != 0 || o.flags&special != 0 {
		return false
	}
	rel := name[len(pre):]
	if !cleanName(rel) {
		return false
	}
	if len(rel) > 5 && rel[:5] == "self/" {
		rel = strconv.Itoa(c.pid) + rel[4:]
	}
	if len(rel) <= 4 || rel[:4] != "sys/" {
		pid, rest := procPid(rel)
		if pid == 0 || !flatFiles[rest] {
			return false
		}
	}
	f := c.findName(rel, o.wants(), false)
	if !c.valid() {
		return true
	}
	if !c.judge(f.subjects...) {
		if f.subjects[0].target == nil {
			there := c.m.there(rel)
			c.setObject(there)
			if there == "exists" {
				c.path.Observed = pre + rel
			}
		}
		c.deny()
		return true
	}
	if f.fence != "" {
		c.contain(unix.EPERM, f.fence)
		return true
	}
	fd, e := c.m.openBeneathProc(rel, hostFlags(o.flags))
	switch e {
	case 0:
	case unix.ELOOP, unix.EXDEV, unix.EAGAIN: // not as clean as it looked
		c.rows, c.signal = nil, 0
		return false
	default:
		if e == unix.ENOENT {
			c.setObject("absent")
		}
		c.fail(e)
		return true
	}
	if f.peer != nil && !f.peer.self && f.peer.exists && !f.peer.same(c.m) {
		unix.Close(fd) // the pid was used again in between: judge whoever it is now
		c.rows, c.signal = nil, 0
		return false
	}
	c.setObject("exists")
	c.path.Observed = pre + rel
	c.inject(fd, o.flags&unix.O_CLOEXEC != 0)
	unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	return true
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

//go:build linux

package monitor

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// walk follows a name part by part.
type walk struct {
	c     *call
	base  int // where relative names start
	at    int // the directory reached, O_PATH
	dir   unix.Stat_t
	proc  bool // dir is in a proc file system
	links int
	o     object
}

// run leaves the object, or errno and the would-be path, in w.o.
func (w *walk) run(name string, follow bool) {
	defer func() {
		if w.at >= 0 {
			unix.Close(w.at)
		}
	}()
	if !w.start(name[0] == '/') {
		return
	}
	parts := split(name)
	wantDir := strings.HasSuffix(name, "/") || strings.HasSuffix(name, "/.")
	for i := 0; i < len(parts); i++ {
		last := i == len(parts)-1
		part, rest := parts[i], parts[i+1:]
		inProc := w.proc
		if inProc && w.dir.Ino == procRootIno && w.dir.Dev == w.c.m.procDev && (!last || follow || wantDir) {
			if own := w.own(part); own != nil { // self is the caller, not the host
				w.o.symlink = true
				parts, i = append(own, rest...), -1
				continue
			}
		}
		fd, err := openPath(w.at, part, unix.O_NOFOLLOW, 0)
		if err != nil {
			w.missing(errnoOf(err), append([]string{part}, rest...), inProc)
			return
		}
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			unix.Close(fd)
			w.o.errno = errnoOf(err)
			return
		}
		if st.Mode&unix.S_IFMT != unix.S_IFLNK || (last && !follow && !wantDir) {
			if !w.step(fd, &st) {
				return
			}
			continue
		}
		if w.links++; w.links > 40 {
			unix.Close(fd)
			w.o.errno = unix.ELOOP
			return
		}
		w.o.symlink = true
		pid, known := w.magic(inProc)
		if !known { // a proc file system at another place: find refuses it
			unix.Close(fd)
			w.missing(unix.EPERM, append([]string{part}, rest...), inProc)
			return
		}
		if pid != 0 {
			unix.Close(fd)
			if !w.jump(part, pid) {
				return
			}
			continue
		}
		target, ok := w.read(fd)
		if !ok || (target[0] == '/' && !w.start(true)) {
			return
		}
		parts, i = append(split(target), rest...), -1
	}
	w.o.fd, w.at = w.at, -1
	if w.o.fill() == 0 && wantDir && !w.o.isDir() {
		w.o.drop(unix.ENOTDIR)
	}
}

// start goes to the root or to where relative names begin.
func (w *walk) start(absolute bool) bool {
	dir, name := w.base, "."
	if absolute {
		dir, name = unix.AT_FDCWD, "/"
	}
	fd, err := openPath(dir, name, unix.O_DIRECTORY, 0)
	if err != nil {
		w.o.errno = errnoOf(err)
		return false
	}
	return w.step(fd, nil)
}

// step moves to what fd holds, and notes where that is. st may be nil.
func (w *walk) step(fd int, st *unix.Stat_t) bool {
	first := w.at < 0
	if !first {
		unix.Close(w.at)
	}
	w.at = fd
	if st == nil {
		st = new(unix.Stat_t)
		if err := unix.Fstat(fd, st); err != nil {
			w.o.errno = errnoOf(err)
			return false
		}
	}
	if first || st.Dev != w.dir.Dev {
		var fs unix.Statfs_t
		if err := unix.Fstatfs(fd, &fs); err != nil {
			w.o.errno = errnoOf(err)
			return false
		}
		w.proc = fs.Type == unix.PROC_SUPER_MAGIC
	}
	w.dir = *st
	return true
}

// own is what self and thread-self mean to the caller.
func (w *walk) own(part string) []string {
	switch part {
	case "self":
		return []string{strconv.Itoa(w.c.pid)}
	case "thread-self":
		return []string{strconv.Itoa(w.c.pid), "task", strconv.Itoa(w.c.tid)}
	}
	return nil
}

// magic is the process whose directory the walk stands in, 0 elsewhere: links
// there (fd/N, exe, cwd, root, ns/*, map_files/*) lead to objects, not names. It
// is not known in a proc file system that is not at /proc.
func (w *walk) magic(inProc bool) (pid int, known bool) {
	if !inProc {
		return 0, true
	}
	name := namePath(w.at)
	rel, ok := strings.CutPrefix(name, "/proc/")
	if name != "/proc" && !ok {
		return 0, false
	}
	pid, _ = procPid(rel)
	return pid, true
}

// jump follows a magic link of process pid to its object.
func (w *walk) jump(part string, pid int) bool {
	w.o.magic = true
	if pid != w.c.pid && w.c.m.processOf(pid) != w.c.pid {
		w.o.foreign = pid
	}
	fd, err := openPath(w.at, part, 0, 0)
	if err != nil {
		w.o.errno = errnoOf(err)
		w.o.path = strings.TrimSuffix(namePath(w.at), "/") + "/" + part
		w.o.fstype, w.o.dev = unix.PROC_SUPER_MAGIC, w.c.m.procDev
		return false
	}
	return w.step(fd, nil)
}

// read reads a symbolic link and closes it.
func (w *walk) read(fd int) (string, bool) {
	var b [4096]byte
	n, err := unix.Readlinkat(fd, "", b[:])
	unix.Close(fd)
	switch {
	case err != nil:
		w.o.errno = errnoOf(err)
	case n == 0:
		w.o.errno = unix.ENOENT
	case n == len(b):
		w.o.errno = unix.ENAMETOOLONG
	default:
		return string(b[:n]), true
	}
	return "", false
}

// missing notes where the object would be.
func (w *walk) missing(e unix.Errno, rest []string, inProc bool) {
	w.o.errno = e
	w.o.path = strings.TrimSuffix(namePath(w.at), "/") + "/" + strings.Join(rest, "/")
	if inProc {
		w.o.fstype, w.o.dev = unix.PROC_SUPER_MAGIC, w.dir.Dev
	}
}

// split leaves out empty parts and dots; ".." stays, it means something.
func split(p string) []string {
	var l []string
	for part := range strings.SplitSeq(p, "/") {
		if part != "" && part != "." {
			l = append(l, part)
		}
	}
	return l
}

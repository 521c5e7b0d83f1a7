package launch

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// EndChildren ends and reaps every child of this process that is in another
// session: plugins, and what they left behind. What an orphan leaves behind
// becomes ours only when it is dead, so it is looked again until nobody is found.
func EndChildren() {
	all := func(child) bool { return true }
	for len(end(foreign(nobody), all)) > 0 {
	}
}

// endLeft ends and reaps what a dead process left behind: those of its session,
// until there is none, and those in sessions of their own that still have its
// environment, which it returns. A process group is not enough to find the former:
// a plugin's child may have left it. What changed its environment is left to
// [Launcher.EndOrphans].
func endLeft(leader int, scratch string, started func(pid int) bool) []Orphan {
	children := foreign(started)
	ofSession := func(c child) bool { return c.session == leader && c.pid != leader }
	for len(end(children, ofSession)) > 0 {
		children = foreign(started)
	}
	mark := []byte(scratchVariable + scratch + "\x00")
	return end(children, func(c child) bool {
		env, err := os.ReadFile("/proc/" + strconv.Itoa(c.pid) + "/environ")
		return err == nil && bytes.Contains(env, mark)
	})
}

// scratchVariable begins what every plugin's environment has once.
const scratchVariable = "TMPDIR="

// child is a child of this process that is in another session.
type child struct{ pid, session int }

func nobody(int) bool { return false }

// foreign lists the children in other sessions, of which many were reparented to
// this process as a subreaper. Those that are known are left out unread.
func foreign(known func(pid int) bool) (children []child) {
	self := os.Getpid()
	own, _ := unix.Getsid(0)
	for _, pid := range candidates() {
		if known(pid) {
			continue
		}
		if ppid, session := parentAndSession(pid); ppid == self && session != own {
			children = append(children, child{pid, session})
		}
	}
	return children
}

// end kills the children that are meant, then reaps them: as long as one of them
// lives it may keep another from being reaped.
func end(children []child, meant func(child) bool) (ended []Orphan) {
	var killed []Orphan
	for _, c := range children {
		if meant(c) {
			killed = append(killed, Orphan{PID: c.pid, Program: programOf(c.pid)})
			unix.Kill(c.pid, unix.SIGKILL)
		}
	}
	for _, s := range killed {
		if reapKilled(s.PID) {
			ended = append(ended, s)
		}
	}
	return ended
}

// candidates are this process's children as its threads list them, which is
// much less to read than all of /proc; where the kernel has no such list
// (CONFIG_PROC_CHILDREN), every process.
func candidates() (pids []int) {
	const tasks = "/proc/self/task"
	dir, err := unix.Open(tasks, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return numbers(names("/proc"))
	}
	defer unix.Close(dir)
	listed := false
	for _, t := range names(tasks) {
		if b, err := readAt(dir, t+"/children"); err == nil { // a thread may have ended since
			listed = true
			pids = append(pids, numbers(strings.Fields(string(b)))...)
		}
	}
	if !listed {
		return numbers(names("/proc"))
	}
	return pids
}

// readAt reads a small file of /proc. The poller, in which os.ReadFile would try
// it, costs more than the reading.
func readAt(dir int, name string) (b []byte, err error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	for {
		b = slices.Grow(b, 512)
		n, err := unix.Read(fd, b[len(b):cap(b)])
		if n <= 0 {
			return b, err
		}
		b = b[:len(b)+n]
	}
}

func names(dir string) []string {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	all, _ := d.Readdirnames(-1)
	return all
}

func numbers(words []string) []int {
	var out []int
	for _, w := range words {
		if n, err := strconv.Atoi(w); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// parentAndSession reads fields 4 and 6 of /proc/PID/stat (proc_pid_stat(5)).
func parentAndSession(pid int) (ppid, session int) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	s := string(b)
	f := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
	if len(f) < 4 {
		return 0, 0
	}
	ppid, _ = strconv.Atoi(f[1])
	session, _ = strconv.Atoi(f[3])
	return ppid, session
}

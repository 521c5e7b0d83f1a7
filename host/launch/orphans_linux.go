package launch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// EndOrphans ends and reaps every child of this process that is in another
// session: plugins, and what they left behind.
func EndOrphans() { killOrphans(nil) }

// killOrphans ends and reaps processes that were reparented to this one, as a
// subreaper, and whose session ours passes. A process group is not enough to
// find them: a plugin's child may have left it. nil takes every child in a
// session other than ours. What an orphan leaves behind becomes ours only when it
// is dead, so it is looked again until nobody is found.
func killOrphans(ours func(session int) bool) {
	for killSome(ours) {
	}
}

func killSome(ours func(session int) bool) (found bool) {
	self := os.Getpid()
	own, _ := unix.Getsid(0)
	for _, pid := range candidates() {
		ppid, session := parentAndSession(pid)
		if ppid != self || session == own {
			continue
		}
		if ours != nil && !(ours(session) && session != pid) {
			continue
		}
		unix.Kill(pid, unix.SIGKILL)
		if _, err := unix.Wait4(pid, nil, 0, nil); err == nil {
			found = true
		}
	}
	return found
}

// candidates are this process's children as its threads list them, which is
// much less to read than all of /proc; where the kernel has no such list
// (CONFIG_PROC_CHILDREN), every process.
func candidates() []int {
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	if len(tasks) == 0 {
		return numbers(names("/proc"))
	}
	var pids []int
	for _, t := range tasks {
		b, err := os.ReadFile(t) // a thread may have ended since
		if err == nil {
			pids = append(pids, numbers(strings.Fields(string(b)))...)
		}
	}
	return pids
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

package launch

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// killOrphans ends and reaps processes that were reparented to this one, as a
// subreaper, and whose session ours passes. A process group is not enough to
// find them: a plugin's child may have left it. nil takes every child in a
// session other than ours.
func killOrphans(ours func(session int) bool) {
	self := os.Getpid()
	own, _ := unix.Getsid(0)
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		ppid, session := parentAndSession(pid)
		if ppid != self || session == own {
			continue
		}
		if ours != nil && !(ours(session) && session != pid) {
			continue
		}
		unix.Kill(pid, unix.SIGKILL)
		unix.Wait4(pid, nil, 0, nil)
	}
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

package faults

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// process is a line of /proc.
type process struct {
	pid, ppid int
	state     string // R, S, D, T, Z, ...
	start     string // clock ticks since boot; with the pid it names a process
	command   string
}

// processes lists those that may be seen.
func processes() []process {
	entries, _ := os.ReadDir("/proc")
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := look(pid); ok {
			out = append(out, p)
		}
	}
	return out
}

// look reads proc_pid_stat(5) and the command line.
func look(pid int) (process, bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return process{}, false
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	ppid, _ := strconv.Atoi(f[1])
	line, _ := os.ReadFile(dir + "/cmdline")
	return process{pid, ppid, f[0], f[19], string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))}, true
}

// reapAdopted waits until everything is gone that became ours because a test killed
// its parents: this process is a subreaper once it has been a host, and the next
// run would be said to have left it behind.
func reapAdopted(t *testing.T) {
	t.Helper()
	var left []process
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left = childrenOf(os.Getpid()); len(left) == 0 {
			return
		}
		for _, p := range left {
			if p.state == "Z" {
				unix.Wait4(p.pid, nil, unix.WNOHANG, nil)
			}
		}
	}
	t.Fatalf("there before the run, and still: %v", left)
}

func childrenOf(pid int) []process {
	var out []process
	for _, p := range processes() {
		if p.ppid == pid {
			out = append(out, p)
		}
	}
	return out
}

// descendantsOf lists a whole tree, without its root.
func descendantsOf(pid int) []process {
	all := processes()
	in := map[int]bool{pid: true}
	var out []process
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if in[p.ppid] && !in[p.pid] {
				in[p.pid], grown = true, true
				out = append(out, p)
			}
		}
	}
	return out
}

// alive says whether that very process still runs, or a thread of it: they hold
// what it had open, and its first may end before the others.
func (p process) alive() bool {
	now, ok := look(p.pid)
	if !ok || now.start != p.start {
		return false
	}
	threads, _ := os.ReadDir("/proc/" + strconv.Itoa(p.pid) + "/task")
	return now.state != "Z" || len(threads) > 1
}

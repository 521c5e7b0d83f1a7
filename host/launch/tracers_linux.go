package launch

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// reapTime bounds the wait for a process that was killed. It dies at once, unless
	// it is in a call that no signal ends.
	reapTime = 5 * time.Second
	// maxReapStep is the longest pause between two looks at such a process.
	maxReapStep = 5 * time.Millisecond
	// maxAncestors bounds the walk from a process to this one.
	maxAncestors = 64
)

// reapKilled waits for a child that was killed, and reports that it has been reaped.
func reapKilled(pid int) bool {
	step := 50 * time.Microsecond
	for deadline := time.Now().Add(reapTime); ; step = min(2*step, maxReapStep) {
		got, err := unix.Wait4(pid, nil, unix.WNOHANG, nil)
		if got == pid || err != nil && err != unix.EINTR {
			return got == pid
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(step)
		endTracers(pid)
	}
}

// freeKilled keeps tracers away from a killed process until it has been reaped.
func freeKilled(pid int, reaped <-chan struct{}) {
	for {
		select {
		case <-reaped:
			return
		case <-time.After(maxReapStep):
			endTracers(pid)
		}
	}
}

// endTracers kills the processes below this one that trace a thread of a killed
// process. The kernel shows a dead thread to its tracer first, and the process to its
// parent only when all tracers have waited or are dead (wait_consider_task and
// delay_group_leader of kernel/exit.c). A debugger of hrhost is not below it.
func endTracers(pid int) {
	tasks := "/proc/" + strconv.Itoa(pid) + "/task"
	for _, t := range names(tasks) {
		if tracer := tracerOf(tasks + "/" + t); tracer != 0 && isBelow(tracer) {
			unix.Kill(tracer, unix.SIGKILL)
		}
	}
}

// tracerOf reads TracerPid of proc_pid_status(5), which names a thread.
func tracerOf(task string) int {
	b, err := os.ReadFile(task + "/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(b) {
		if v, ok := strings.CutPrefix(string(line), "TracerPid:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(v))
			return n
		}
	}
	return 0
}

// isBelow reports that a process descends from this one.
func isBelow(pid int) bool {
	for range maxAncestors {
		if pid, _ = parentAndSession(pid); pid <= 1 {
			return false
		}
		if pid == os.Getpid() {
			return true
		}
	}
	return false
}

package launch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// traced is traced by another process, which never waits for it. The tracer has a
// separate session and a separate environment.
func traced() {
	trace(os.Getpid(), 0)
}

// tracedThread is traced in a thread that is not its first.
func tracedThread() {
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		tid <- unix.Gettid()
		time.Sleep(time.Hour)
	}()
	trace(<-tid, 0)
}

// tracedOrphan leaves such a pair behind.
func tracedOrphan() {
	c := exec.Command("/proc/self/exe", "plugin", "hang")
	c.Env, c.SysProcAttr = []string{"NOTHING=1"}, &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		fmt.Println(err)
		return
	}
	trace(c.Process.Pid, 0)
}

// trace has a process trace a thread, and stays: a traced thread may be stopped by a
// signal at any time, so that it has nothing to tell.
func trace(thread, options int) {
	c := exec.Command("/proc/self/exe", "plugin", "tracer", strconv.Itoa(thread), strconv.Itoa(options))
	c.Env, c.Stdout, c.SysProcAttr = []string{"NOTHING=1"}, os.Stdout, &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		fmt.Println(err)
		return
	}
	time.Sleep(time.Hour)
}

func tracer(thread, options string) {
	runtime.LockOSThread() // a thread traces
	tid, _ := strconv.Atoi(thread)
	with, _ := strconv.Atoi(options)
	_, _, e := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, uintptr(with), 0, 0)
	if e != 0 {
		fmt.Println(e)
		return
	}
	fmt.Println("traces")
	time.Sleep(time.Hour)
}

// TestTracedIsReaped: the kernel shows a dead process to its tracer first
// (wait_consider_task of kernel/exit.c). A tracer that does not look keeps neither a
// plugin nor an orphan from being reaped.
func TestTracedIsReaped(t *testing.T) {
	for _, role := range []string{"traced", "traced-exit", "traced-thread", "traced-orphan"} {
		t.Run(role, func(t *testing.T) {
			l := must(shared())(t)
			p := startAs(t, Spec{}, role)
			if got, _ := bufio.NewReader(p.Stdout()).ReadString('\n'); got != "traces\n" {
				t.Skipf("no process can be traced here: %s", got)
			}
			ended := make(chan error, 1)
			go func() {
				p.WaitFor(time.Millisecond)
				_, err := l.EndOrphans()
				ended <- err
			}()
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(30 * time.Second):
				t.Error("the host waits for ever")
			}
		})
	}
}

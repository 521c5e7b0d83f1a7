package linux

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var processExperiments = []*selftest.Experiment{
	{Fact: "process.parent-death", Run: parentDeath, Roles: map[string]func(*selftest.Part){"hold": hold}},
	{Fact: "process.subreaper", Run: subreaper, Roles: familyRoles},
	{Fact: "process.no-new-privs", Run: noNewPrivs, Roles: map[string]func(*selftest.Part){"tell": tellStatus}},
	{Fact: "process.group-kill", Run: groupKill, Roles: familyRoles},
	{Fact: "process.close-range", Run: closeRange, Roles: map[string]func(*selftest.Part){"tell": tellDescriptors}},
	{Fact: "process.limits", Run: limits, Roles: map[string]func(*selftest.Part){"tell": tellLimit}},
	{Fact: "process.pid-limit", Run: pidLimit},
	{Fact: "process.pidfd", Run: pidfd, Roles: map[string]func(*selftest.Part){"hold": hold}},
}

// parentDeath has a thread start a process and end.
func parentDeath(t *selftest.Trial) selftest.Verdict {
	cmd := t.Command("hold")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var h *selftest.Helper
	var tid int
	var alive error
	onThread(func() {
		tid = unix.Gettid()
		h = t.Start(cmd)
		h.Line()
		alive = unix.Kill(h.Process.Pid, 0)
	})
	h.Wait()
	_, gone := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid))
	return selftest.Check("the signal came when the thread had ended; this process lives",
		selftest.Finding{What: "before", Got: alive, Want: nil},
		selftest.Finding{What: "the thread is gone", Got: gone != nil, Want: true},
		selftest.Finding{What: "how the process ended", Got: h.End(), Want: -int(syscall.SIGKILL)},
	)
}

// familyRoles are a parent, which starts a child, tells its number and ends, and
// that child.
var familyRoles = map[string]func(*selftest.Part){
	"parent": func(p *selftest.Part) {
		child := p.Command("child")
		child.Stdin, child.Stdout = os.Stdin, os.Stdout
		p.Must(child.Start(), "starting a child")
	},
	"child": hold,
}

func subreaper(t *selftest.Trial) selftest.Verdict {
	t.Must(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "becoming a subreaper")
	h := t.Part("parent")
	child, err := strconv.Atoi(h.Line())
	t.Must(err, "reading the child's number")
	st, err := h.Process.Wait()
	t.Must(err, "waiting for its parent")
	adopted := selftest.Eventually(selftest.Patience, func() bool { return parentOf(child) == os.Getpid() })
	t.Must(unix.Kill(child, unix.SIGKILL), "ending the child")
	var ws unix.WaitStatus
	pid, err := unix.Wait4(child, &ws, 0, nil)
	return selftest.Check(fmt.Sprintf("process %d became this process's when its parent had ended, and was reaped", child),
		selftest.Finding{What: "the parent's exit status", Got: st.ExitCode(), Want: 0},
		selftest.Finding{What: "adopted", Got: adopted, Want: true},
		selftest.Finding{What: "reaped", Got: pid, Want: child},
		selftest.Finding{What: "an error of reaping", Got: err, Want: nil},
	)
}

// parentOf reads a process's parent, 0 when there is no such process.
func parentOf(pid int) int {
	f := statFields(pid)
	if len(f) < 2 {
		return 0
	}
	ppid, _ := strconv.Atoi(f[1])
	return ppid
}

// statFields are the fields of /proc/PID/stat after the name.
func statFields(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
}

// status is a line of /proc/PID/status.
func status(path, key string) string {
	b, _ := os.ReadFile(path)
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func tellStatus(p *selftest.Part) { p.Say("%s", status("/proc/self/status", "NoNewPrivs")) }

func noNewPrivs(t *selftest.Trial) selftest.Verdict {
	type seen struct{ own, executed string }
	before := seen{status("/proc/thread-self/status", "NoNewPrivs"), t.Part("tell").Line()}
	if before.own == "1" && before.executed == "1" {
		return selftest.NotHere("it was set already when this program was started, and is inherited: nothing can be seen of setting it")
	}
	var after seen
	onThread(func() {
		t.Must(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "setting no_new_privs")
		after = seen{status("/proc/thread-self/status", "NoNewPrivs"), t.Part("tell").Line()}
	})
	return selftest.Check(fmt.Sprintf("%s before; afterwards 1 for the thread and for what it executed", before.own),
		selftest.Finding{What: "executed before", Got: before.executed, Want: before.own},
		selftest.Finding{What: "the thread", Got: after.own, Want: "1"},
		selftest.Finding{What: "executed by it", Got: after.executed, Want: "1"},
	)
}

func groupKill(t *selftest.Trial) selftest.Verdict {
	t.Must(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "becoming a subreaper")
	cmd := t.Command("parent")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	h := t.Start(cmd)
	child, err := strconv.Atoi(h.Line())
	t.Must(err, "reading the child's number")
	_, err = h.Process.Wait()
	t.Must(err, "waiting for its parent")
	killed := unix.Kill(-h.Process.Pid, unix.SIGKILL)
	var ws unix.WaitStatus
	_, err = unix.Wait4(child, &ws, 0, nil)
	t.Must(err, "waiting for the child")
	return selftest.Check("the group's signal ended a child whose leader had ended",
		selftest.Finding{What: "kill", Got: killed, Want: nil},
		selftest.Finding{What: "how the child ended", Got: ws.Signal(), Want: syscall.SIGKILL},
	)
}

// tellDescriptors says which of the descriptors 20 to 24 are open.
func tellDescriptors(p *selftest.Part) {
	open := ""
	for fd := 20; fd < 25; fd++ {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			open += fmt.Sprint(fd, " ")
		}
	}
	p.Say("%s", strings.TrimSpace(open))
}

func closeRange(t *selftest.Trial) selftest.Verdict {
	null, err := os.Open(os.DevNull)
	t.Must(err, "opening /dev/null")
	for fd := 20; fd < 25; fd++ {
		t.Must(unix.Dup3(int(null.Fd()), fd, 0), "duplicating a descriptor")
	}
	before := t.Part("tell").Line()
	err = unix.CloseRange(21, 23, unix.CLOSE_RANGE_CLOEXEC)
	if err == unix.ENOSYS || err == unix.EINVAL {
		return selftest.NotHere("the kernel has no CLOSE_RANGE_CLOEXEC (5.11): %v", err)
	}
	return selftest.Check("of five inherited descriptors the two outside of the range were left",
		selftest.Finding{What: "marking", Got: err, Want: nil},
		selftest.Finding{What: "inherited before", Got: before, Want: "20 21 22 23 24"},
		selftest.Finding{What: "inherited after", Got: t.Part("tell").Line(), Want: "20 24"},
	)
}

// tellLimit says what the limit of a file's size is, what writing up to it and
// beyond it answers, and what raising it does.
func tellLimit(p *selftest.Part) {
	signal.Ignore(unix.SIGXFSZ) // which would end it beyond the limit
	var l unix.Rlimit
	p.Must(unix.Getrlimit(unix.RLIMIT_FSIZE, &l), "reading a limit")
	f, err := memfd(nil)
	p.Must(err, "making a file")
	_, last := f.WriteAt([]byte{1}, 4095)
	_, more := unix.Pwrite(int(f.Fd()), []byte{1}, 4096)
	raised := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 4097, Max: 4097})
	p.Say("%d %d, the last byte %v, one more %v, raising %v", l.Cur, l.Max, last, more, raised)
}

// limits has an ordinary user try to raise what was lowered: root may.
func limits(t *selftest.Trial) selftest.Verdict {
	t.Must(unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 4096, Max: 4096}), "lowering a limit")
	told := t.Start(asOrdinary(t.Command("tell"))).Line()
	return selftest.Check("an executed program has it: "+told,
		selftest.Finding{What: "the executed program", Got: told,
			Want: fmt.Sprintf("4096 4096, the last byte <nil>, one more %v, raising %v", unix.EFBIG, unix.EPERM)})
}

func pidLimit(*selftest.Trial) selftest.Verdict {
	b, _ := os.ReadFile("/proc/sys/kernel/pid_max")
	highest, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return selftest.Check(fmt.Sprintf("kernel.pid_max is %d; kill of 4194304 answers ESRCH", highest),
		selftest.Finding{What: "kernel.pid_max is at most 4194304", Got: highest <= 4<<20, Want: true},
		selftest.Finding{What: "kill of 4194304", Got: unix.Kill(4<<20, 0), Want: error(unix.ESRCH)},
		selftest.Finding{What: "kill of 4194305", Got: unix.Kill(4<<20+1, 0), Want: error(unix.ESRCH)},
	)
}

func pidfd(t *selftest.Trial) selftest.Verdict {
	h := t.Part("hold")
	h.Line()
	fd, err := unix.PidfdOpen(h.Process.Pid, 0)
	t.Must(err, "opening a pidfd")
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	before, _ := unix.Poll(p, 0)
	sent := unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0)
	after, _ := unix.Poll(p, int(selftest.Patience.Milliseconds()))
	code := h.End()
	return selftest.Check("SIGTERM arrived, the pidfd became readable, and once reaped it answers ESRCH",
		selftest.Finding{What: "readable before", Got: before, Want: 0},
		selftest.Finding{What: "sending", Got: sent, Want: nil},
		selftest.Finding{What: "readable after", Got: after, Want: 1},
		selftest.Finding{What: "how the process ended", Got: code, Want: -int(syscall.SIGTERM)},
		selftest.Finding{What: "a signal to the dead", Got: unix.PidfdSendSignal(fd, 0, nil, 0), Want: error(unix.ESRCH)},
	)
}

// asOrdinary has a command run as an ordinary user when this is root.
func asOrdinary(cmd *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

const nobody = 65534

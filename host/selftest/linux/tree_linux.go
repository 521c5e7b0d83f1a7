package linux

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

// treeExperiments are about a filter over a process of its own, as a plugin is.
var treeExperiments = []*selftest.Experiment{
	{Fact: "seccomp.inherited", Run: inherited, Roles: treeRoles},
	{Fact: "seccomp.id-valid", Run: idValid, Roles: treeRoles},
}

var treeRoles = map[string]func(*selftest.Part){"root": treeRoot, "executed": treeExecuted, "leaf": treeLeaf}

// fdHandoff is where a tree's root finds the socket for its listener.
const fdHandoff = 3

// treeRoot puts a filter on, hands the listener over and executes what comes
// under it.
func treeRoot(p *selftest.Part) {
	fd, e := install(trapping(), usual)
	if e != 0 {
		p.Must(e, "putting a filter on")
	}
	p.Must(unix.Sendmsg(fdHandoff, []byte{'L'}, unix.UnixRights(fd), nil, 0), "handing the listener over")
	unix.Close(fd)
	unix.CloseOnExec(fdHandoff)
	next := p.Command("executed")
	p.Must(unix.Exec("/proc/self/exe", append([]string{"hrhost"}, next.Args[1:]...), os.Environ()), "executing")
}

// treeExecuted makes the trapped call, from a new thread and from a child too.
func treeExecuted(p *selftest.Part) {
	unix.Syscall(trap, 1, 0, 0)
	done := make(chan bool)
	go func() {
		runtime.LockOSThread()
		unix.Syscall(trap, 2, 0, 0)
		done <- true
	}()
	<-done
	p.Must(p.Command("leaf").Run(), "running a child")
	p.Say("done")
	p.Await()
}

func treeLeaf(*selftest.Part) { unix.Syscall(trap, 3, 0, 0) }

// tree starts a process under a filter and takes its listener.
func tree(t *selftest.Trial) (*selftest.Helper, listener) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	t.Must(err, "making a socket pair")
	theirs := os.NewFile(uintptr(pair[1]), "handoff")
	cmd := t.Command("root")
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	h := t.Start(cmd)
	theirs.Close()
	fd, err := receiveFD(pair[0])
	t.Must(err, "receiving the listener")
	return h, listener(fd)
}

// receiveFD takes one packet with a descriptor.
func receiveFD(from int) (int, error) {
	buf, oob := make([]byte, 16), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(from, buf, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return -1, err
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(msgs) != 1 {
		return -1, fmt.Errorf("a packet with %d control messages: %v", len(msgs), err)
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) != 1 {
		return -1, fmt.Errorf("a packet with %d descriptors: %v", len(fds), err)
	}
	return fds[0], nil
}

func inherited(t *selftest.Trial) selftest.Verdict {
	h, l := tree(t)
	defer h.Kill()
	var callers [3]int
	for i := range callers {
		n, err := l.next(selftest.Patience)
		if err != nil {
			return selftest.Refuted("after %d calls: %v", i, err)
		}
		if int(n.args[0]) != i+1 {
			return selftest.Refuted("call %d came where %d was due", n.args[0], i+1)
		}
		callers[i] = int(n.tid)
		l.answer(n, 0, 0, 0)
	}
	root := h.Process.Pid
	return selftest.Check(fmt.Sprintf("the executed program as %d, a new thread as %d, a child as %d", callers[0], callers[1], callers[2]),
		selftest.Finding{What: "the executed program's number", Got: callers[0], Want: root},
		selftest.Finding{What: "the thread has its own number", Got: callers[1] != root && callers[1] != callers[2], Want: true},
		selftest.Finding{What: "the child has its own number", Got: callers[2] != root, Want: true},
		selftest.Finding{What: "the program went on", Got: h.Line(), Want: "done"},
	)
}

func idValid(t *selftest.Trial) selftest.Verdict {
	h, l := tree(t)
	defer h.Kill()
	first, err := l.next(selftest.Patience)
	t.Must(err, "receiving a call")
	waiting := l.valid(first)
	l.answer(first, 0, 0, 0)
	answered := l.valid(first)
	second, err := l.next(selftest.Patience)
	t.Must(err, "receiving another call")
	h.Kill()
	return selftest.Check("valid while the caller waited, ENOENT once it was answered, ENOENT once the caller was killed",
		selftest.Finding{What: "waiting", Got: waiting, Want: unix.Errno(0)},
		selftest.Finding{What: "answered", Got: answered, Want: unix.ENOENT},
		selftest.Finding{What: "killed", Got: l.valid(second), Want: unix.ENOENT},
		selftest.Finding{What: "an answer to the dead", Got: l.answer(second, 0, 0, 0), Want: unix.ENOENT},
	)
}

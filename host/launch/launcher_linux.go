package launch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// Launcher starts processes, all from one OS thread that lives as long as the
// Launcher: a parent-death signal is sent when the thread that forked ends, not
// when the process does.
type Launcher struct {
	trampoline  *Binary
	null        *os.File
	jobs        chan func()
	containment Containment
	fence       *fence
	devices     []object // that a baseline may write to
	started     sync.Map // pids of the children that are its own doing
}

// NewLauncher makes this process a child subreaper that is not dumpable, and
// readies the trampoline. It is called once a process.
func NewLauncher(trampolinePath string) (*Launcher, error) {
	t, err := Open(trampolinePath)
	if err != nil {
		return nil, err
	}
	if err := t.moveUp(); err != nil {
		return nil, err
	}
	// Descriptors that this process inherited itself must not reach a plugin.
	unix.CloseRange(3, ^uint(0)>>1, unix.CLOSE_RANGE_CLOEXEC)
	l := &Launcher{trampoline: t, jobs: make(chan func())}
	if l.null, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
		return nil, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	l.containment = Containment{
		LandlockABI: LandlockABI(),
		Limits:      limitNames(),
		Writes:      "not contained",
		Reads:       "not contained",
		Subreaper:   unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == nil,
		NotDumpable: unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) == nil,
	}
	if l.containment.LandlockABI >= 1 {
		l.containment.Writes = "scratch only"
		l.devices = holdDevices()
		if l.fence, err = newFence(); err != nil {
			return nil, err
		}
	}
	if l.containment.LandlockABI >= MinScopes {
		l.containment.Scopes = []string{"signal", "abstract_unix_socket"}
	}
	go l.serve()
	return l, nil
}

// moveUp takes the program out of the way of the descriptors that a child
// inherits: it is executed by its number, once those are in their places. On the
// way there the child uses the numbers right above the highest of them, so that
// the program's own must be above any that this process ever has.
func (b *Binary) moveUp() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("moving %s: %w", b.Path, err)
	}
	fd, err := unix.FcntlInt(b.file.Fd(), unix.F_DUPFD_CLOEXEC, int(min(farAway, limit.Cur-1)))
	if err != nil {
		return fmt.Errorf("moving %s: %w", b.Path, err)
	}
	old := b.file
	b.file = os.NewFile(uintptr(fd), old.Name())
	return old.Close()
}

// farAway is above what parallel runs have open, and low enough that a fork has
// no large table of descriptors to copy.
const farAway = 4095

func (l *Launcher) serve() {
	runtime.LockOSThread()
	SlackTimers(pluginSlack)
	for job := range l.jobs {
		job()
	}
}

// Fence keeps processes from reading, listing and executing what is below the
// directories, their own Dir apart. It is called before the first Start, and
// Containment says whether it holds. A directory that may come and go, as another
// run's, need not be there; the one above it must.
func (l *Launcher) Fence(dirs ...string) {
	if l.containment.LandlockABI < 1 {
		return
	}
	f, err := newFence(dirs...)
	if err != nil {
		l.containment.Reads = "not contained: " + err.Error()
		return
	}
	l.fence.close()
	l.fence, l.containment.Reads = f, Fenced
}

// Containment says what every process of this launcher runs in.
func (l *Launcher) Containment() Containment { return l.containment }

// Close ends the launcher's thread, and ends and reaps every process that was
// reparented to this one.
func (l *Launcher) Close() error {
	close(l.jobs)
	l.null.Close()
	EndOrphans()
	if l.fence != nil {
		l.fence.close()
	}
	for i := range l.devices {
		l.devices[i].close()
	}
	return l.trampoline.Close()
}

// Start forks the trampoline, sets it up and waits until the plugin has been
// executed. On an error nothing is left behind.
func (l *Launcher) Start(spec Spec) (*Process, error) {
	rules, err := l.ruleset(&spec)
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "landlock", Cause: err}
	}
	if rules != nil {
		defer rules.Close()
	}
	control, err := newControl()
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	defer control.close()
	p, err := l.fork(&spec, rules, control.child)
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	control.child.Close()
	if err := control.drive(&spec, p.PID, rules != nil); err != nil {
		p.Kill()
		p.WaitFor(0)
		return nil, err
	}
	return p, nil
}

// StartIdle starts a process of ours under the same fence and filter, which
// only exits: it shows whether a policy can be applied here.
func (l *Launcher) StartIdle(spec Spec) (*Process, error) {
	spec.Binary, spec.Args = l.trampoline, []string{trampoline.IdleArg}
	return l.Start(spec)
}

// StartHeld is StartIdle for a process that lives until it is released.
func (l *Launcher) StartHeld(spec Spec) (*Process, error) {
	spec.Binary, spec.Args = l.trampoline, []string{trampoline.HoldArg}
	return l.Start(spec)
}

// StartService starts a program of the host's own, uncontained, in a session of
// its own. It dies with the host; waiting for it is the caller's.
func (l *Launcher) StartService(cmd *exec.Cmd) (err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	done := make(chan struct{})
	l.jobs <- func() {
		if err = cmd.Start(); err == nil {
			l.started.Store(cmd.Process.Pid, true)
		}
		close(done)
	}
	<-done
	return err
}

func (l *Launcher) fork(spec *Spec, rules, control *os.File) (*Process, error) {
	pipes, err := newPipes()
	if err != nil {
		return nil, err
	}
	defer pipes.closeTheirs()
	files := []*os.File{l.null, pipes.out[1], pipes.err[1], control, spec.Binary.file, l.or(rules), pipes.life[0], l.or(spec.Recorder)}
	for _, b := range spec.Bus {
		if b != nil {
			files = append(files, b)
		}
	}
	attr := &os.ProcAttr{
		Dir: spec.Dir.Scratch, Env: []string{}, Files: files,
		Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	path := fmt.Sprintf("/proc/self/fd/%d", l.trampoline.file.Fd())
	var proc *os.Process
	done := make(chan struct{})
	l.jobs <- func() {
		proc, err = os.StartProcess(path, []string{"hrhost-trampoline"}, attr)
		close(done)
	}
	<-done
	if err != nil {
		pipes.closeOurs()
		return nil, err
	}
	return l.follow(spec, proc, pipes), nil
}

// follow takes a process that was started just now as the launcher's own until
// it has been reaped.
func (l *Launcher) follow(spec *Spec, proc *os.Process, pipes *pipes) *Process {
	l.started.Store(proc.Pid, true)
	return newProcess(spec, proc, pipes, func(pid int) int {
		l.started.Delete(pid)
		return len(endLeft(pid, spec.Dir.Scratch, l.owns))
	})
}

// or keeps descriptor numbers fixed: a placeholder stands where there is nothing.
func (l *Launcher) or(f *os.File) *os.File {
	if f == nil {
		return l.null
	}
	return f
}

// control is the host's side of the trampoline's socket.
type control struct{ host, child *os.File }

func newControl() (*control, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	tv := unix.Timeval{Sec: 10} // a trampoline that says nothing for so long is not ours any more
	unix.SetsockoptTimeval(fds[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	return &control{host: os.NewFile(uintptr(fds[0]), "trampoline"), child: os.NewFile(uintptr(fds[1]), "trampoline")}, nil
}

func (c *control) close() {
	c.host.Close()
	c.child.Close()
}

// drive takes the trampoline from setup to exec.
func (c *control) drive(spec *Spec, pid int, landlock bool) error {
	fail := func(step string, err error) error { return &Error{Name: spec.Name, Step: step, Cause: err} }
	setup := trampoline.Setup{
		Argv: append([]string{spec.Binary.Path}, spec.Args...), Env: spec.Env,
		Landlock: landlock, Limits: limitCalls(),
	}
	if spec.Filter != nil {
		prog, err := spec.Filter.Program(pid, trampoline.FDControl)
		if err != nil {
			return fail("seccomp", err)
		}
		setup.Program = prog
	}
	b, err := setup.Packet()
	if err != nil {
		return fail("setup", err)
	}
	fd := int(c.host.Fd())
	if _, err := unix.Write(fd, b); err != nil {
		return fail("setup", err)
	}
	msg, listener, err := receive(fd)
	if err != nil {
		return fail("setup", err)
	}
	if err := failure(spec.Name, msg); err != nil {
		return err
	}
	if listener != nil {
		if spec.Filter == nil {
			listener.Close()
			return fail("handover", errors.New("a listener that nobody asked for"))
		}
		if err := spec.Filter.Listen(listener, pid); err != nil {
			return fail("handover", err)
		}
	}
	if _, err := unix.Write(fd, []byte{trampoline.MsgAck}); err != nil {
		return fail("handover", err)
	}
	msg, _, err = receive(fd) // end of file: executed
	if err != nil {
		return fail("exec", err)
	}
	return failure(spec.Name, msg)
}

// receive reads one packet and the descriptor that may come with it.
func receive(fd int) ([]byte, *os.File, error) {
	buf, oob := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	for {
		n, on, _, _, err := unix.Recvmsg(fd, buf, oob, unix.MSG_CMSG_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			return nil, nil, errors.New("the trampoline did not answer within 10 s")
		}
		if err != nil || on == 0 {
			return buf[:max(n, 0)], nil, err
		}
		msgs, err := unix.ParseSocketControlMessage(oob[:on])
		if err != nil || len(msgs) != 1 {
			return buf[:n], nil, err
		}
		fds, err := unix.ParseUnixRights(&msgs[0])
		if err != nil || len(fds) != 1 {
			return buf[:n], nil, err
		}
		return buf[:n], os.NewFile(uintptr(fds[0]), "seccomp listener"), nil
	}
}

func failure(name string, msg []byte) error {
	f, failed, err := trampoline.ParseFailure(msg)
	switch {
	case !failed:
		return nil
	case err != nil:
		return &Error{Name: name, Step: "setup", Cause: err}
	}
	return &Error{Name: name, Step: f.Step, Cause: f.Errno, Hint: failureHint(f)}
}

func failureHint(f trampoline.Failure) string {
	switch {
	case f.Step == "seccomp" && f.Errno == syscall.EBUSY:
		return "another seccomp listener already stands over this process (a container's supervisor, or hrhost inside hrhost); run outside of it"
	case f.Step == "seccomp" && (f.Errno == syscall.EPERM || f.Errno == syscall.ENOSYS):
		return "an outer seccomp filter refuses seccomp(2); run outside of the container or allow the call there"
	case f.Step == "seccomp" && f.Errno == syscall.EINVAL:
		return "the kernel lacks SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; Linux 5.19 or newer is needed"
	case f.Step == "exec" && f.Errno == syscall.ENOEXEC:
		return "the file is not a program for this machine"
	case f.Step == "exec" && f.Errno == syscall.ENOENT:
		return "a script cannot be run from a sealed copy; name a compiled program"
	}
	return ""
}

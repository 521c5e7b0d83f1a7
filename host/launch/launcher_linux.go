package launch

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce/lasting"
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
	lasting     []byte   // the filter of a baseline; nil when there can be none
	started     sync.Map // pids of the children that are its own doing
}

// NewLauncher makes this process a child subreaper that is not dumpable, and
// readies the trampoline. It is called once a process.
func NewLauncher(trampolinePath string) (*Launcher, error) {
	t, err := openTrampoline(trampolinePath)
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
		Limits:      limitNames(nil),
		Writes:      "not contained",
		Reads:       "not contained",
		Subreaper:   unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == nil,
		NotDumpable: unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) == nil,
	}
	if l.containment.LandlockABI >= 1 {
		l.containment.Writes = "scratch only"
		l.devices = holdDevices()
		if l.fence, err = newFence(); err != nil {
			return nil, fmt.Errorf("making the read fence: %w", err)
		}
	}
	if l.lasting, err = lastingFilter(); err != nil {
		l.containment.Lasting = "not refused: " + err.Error()
	} else {
		l.containment.Lasting = Refused
	}
	if l.containment.LandlockABI >= MinScopes {
		l.containment.Scopes = []string{"signal", ScopeAbstract}
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
	EndChildren()
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
	setup := trampoline.Setup{
		Argv: append([]string{spec.Binary.Path}, spec.Args...), Env: spec.Env, Landlock: rules != nil,
	}
	if spec.Filter == nil {
		setup.Program = l.lasting
	}
	return l.start(&spec, spec.Dir.Scratch, rules, setup)
}

// lastingFilter is the filter of processes that have no monitor's.
func lastingFilter() ([]byte, error) {
	if err := lasting.Available(); err != nil {
		return nil, err
	}
	return lasting.Filter()
}

// start has the trampoline do what the setup says, in a working directory.
func (l *Launcher) start(spec *Spec, dir string, rules *os.File, setup trampoline.Setup) (*Process, error) {
	control, err := newControl()
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	defer control.close()
	p, err := l.fork(spec, dir, rules, control.child)
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	control.child.Close()
	if err := control.drive(spec, p.PID, setup); err != nil {
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

func (l *Launcher) fork(spec *Spec, dir string, rules, control *os.File) (*Process, error) {
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
		Dir: dir, Env: []string{}, Files: files,
		Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	path := fmt.Sprintf("/proc/self/fd/%d", l.trampoline.file.Fd())
	var proc *os.Process
	done := make(chan struct{})
	l.jobs <- func() {
		if proc, err = os.StartProcess(path, []string{"hrhost-trampoline"}, attr); err == nil {
			l.started.Store(proc.Pid, true)
		}
		close(done)
	}
	<-done
	if err != nil {
		pipes.closeOurs()
		return nil, err
	}
	return l.follow(spec, proc, pipes), nil
}

// follow keeps a process as the launcher's own until it has been reaped.
func (l *Launcher) follow(spec *Spec, proc *os.Process, pipes *pipes) *Process {
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

//go:build linux || darwin

package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// macLauncher is macOS's Launcher: it starts processes by a trampoline, which sets
// the limits and, under the seal mode exec, applies the profile. Linux builds it for
// the tests, which play the trampoline's system.
type macLauncher struct {
	trampoline *Binary
	null       *os.File
	patience   time.Duration // until a process has executed its program

	mu      sync.Mutex
	refused map[int]syscall.Errno // limits that some process could not set, by resource
}

// openMacLauncher readies the trampoline, once a process.
func openMacLauncher(trampolinePath string) (*macLauncher, error) {
	t, err := openTrampoline(trampolinePath)
	if err != nil {
		return nil, err
	}
	closeInherited()
	return newMacLauncher(t)
}

// closeInherited keeps what this process inherited itself out of the plugins.
func closeInherited() {
	open, _ := os.ReadDir("/dev/fd")
	for _, e := range open {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

func newMacLauncher(trampoline *Binary) (*macLauncher, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	return &macLauncher{trampoline: trampoline, null: null, patience: FirstStart, refused: map[int]syscall.Errno{}}, nil
}

// FirstStart is how long a program may take until it runs. macOS assesses a program that
// it has not executed before, by syspolicyd, which may ask the network; each private copy
// is such a program. fact:launch.assessed
const FirstStart = time.Minute

// assessed is the hint of a program that did not run in time.
const assessed = "macOS assesses a program before its first execution (syspolicyd) and may need the network for it: run hrhost again"

// EndIdle waits for the end of a process that [macLauncher.StartIdle] started.
func (p *Process) EndIdle(patience time.Duration) error {
	e := p.WaitFor(patience)
	switch {
	case e.Killed:
		return &Error{Name: p.Name, Step: "exec", Hint: assessed,
			Cause: fmt.Errorf("the idle process did not end within %s", patience)}
	case e.Code != 0:
		return &Error{Name: p.Name, Step: "exec", Cause: fmt.Errorf("the idle process ended with %s", e)}
	}
	return nil
}

// Containment says what the processes started so far run in. On macOS there is no
// fence but limits: another sandbox around the plugin would be the one that is
// measured.
func (l *macLauncher) Containment() Containment {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := Containment{Limits: limitNames(l.refused), Writes: "not contained", Reads: "not contained"}
	for _, limit := range limits {
		if _, no := l.refused[limit.resource]; no {
			c.NotSet = append(c.NotSet, limit.name)
		}
	}
	return c
}

// Fence does nothing: a fence of macOS's would be a second sandbox around the one
// that is measured.
func (l *macLauncher) Fence(...string) {}

// Close removes the trampoline's copy.
func (l *macLauncher) Close() error {
	l.null.Close()
	return l.trampoline.Close()
}

// Start forks the trampoline, sets it up and waits until the plugin has been
// executed. On an error nothing is left behind.
func (l *macLauncher) Start(spec Spec) (*Process, error) {
	return l.start(&spec, trampoline.Setup{
		Path: spec.Binary.file.Name(), Argv: append([]string{spec.Binary.Path}, spec.Args...), Env: spec.Env,
	})
}

// StartIdle starts a process of ours exactly as a plugin is started, which only
// exits: it shows whether a plugin can start here and a policy be applied.
func (l *macLauncher) StartIdle(spec Spec) (*Process, error) {
	spec.Binary, spec.Args = l.trampoline, []string{trampoline.IdleArg}
	return l.Start(spec)
}

// StartHeld starts a process of ours with the same limits, which lives until it is
// released. It executes nothing: its profile need not allow a program to start.
func (l *macLauncher) StartHeld(spec Spec) (*Process, error) {
	spec.Binary = l.trampoline
	return l.start(&spec, trampoline.Setup{Hold: true})
}

// StartWrapped runs the plugin under another sandbox's command, such as sandbox-exec.
// The trampoline executes the command once the limits stand.
func (l *macLauncher) StartWrapped(spec Spec, command []string) (*Process, error) {
	plugin := filepath.Join(spec.Dir.Root, "plugin")
	if err := spec.Binary.copyTo(plugin); err != nil {
		return nil, &Error{Name: spec.Name, Step: "setup", Cause: err}
	}
	argv := fillIn(command, map[string]string{VarPlugin: plugin, VarSocketDir: spec.Dir.Sockets})
	path, err := findWrapper(argv[0])
	if err != nil {
		const hint = "install it, or name it with its path in the plan's wrap"
		return nil, &Error{Name: spec.Name, Step: "exec", Cause: err, Hint: hint}
	}
	env := append([]string{"PATH=" + strings.Join(wrapperPath, ":")}, spec.Env...)
	return l.start(&spec, trampoline.Setup{Path: path, Argv: argv, Env: env})
}

// StartService starts a program of the host's own in a new session.
func (l *macLauncher) StartService(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd.Start()
}

// start is the one way to start a process: the limits are set here, so that none of
// the callers can leave them out.
func (l *macLauncher) start(spec *Spec, setup trampoline.Setup) (*Process, error) {
	setup.Limits = limitCalls()
	if spec.Profile != nil {
		setup.Apply, setup.SBPL, setup.Params = true, spec.Profile.SBPL, spec.Profile.Params
	}
	host, child, err := socketpair(l.patience)
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	defer host.Close()
	p, err := l.fork(spec, child)
	child.Close()
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	reply, err := drive(spec.Name, host, setup, l.patience)
	l.refuse(reply.NotSet)
	if err != nil {
		p.Kill()
		p.WaitFor(0)
		return nil, err
	}
	p.Apply = reply.Apply
	return p, nil
}

// refuse records limits that a process could not set.
func (l *macLauncher) refuse(limits []trampoline.NotSet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range limits {
		l.refused[n.Resource] = n.Errno
	}
}

func (l *macLauncher) fork(spec *Spec, control *os.File) (*Process, error) {
	pipes, err := newPipes()
	if err != nil {
		return nil, err
	}
	defer pipes.closeTheirs()
	files := []*os.File{l.null, pipes.out[1], pipes.err[1], control, nil, nil, pipes.life[0], spec.Recorder}
	proc, err := os.StartProcess(l.trampoline.file.Name(), []string{"hrhost-trampoline"}, &os.ProcAttr{
		Dir: spec.Dir.Scratch, Env: []string{}, Files: files, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		pipes.closeOurs()
		return nil, err
	}
	return newProcess(spec, proc, pipes, nothingLeft), nil
}

// nothingLeft ends no process: macOS gives a dead process's children to pid 1, and
// those that left the plugin's process group are out of reach.
func nothingLeft(int) (orphans int) { return 0 }

// socketpair is the talk with the trampoline: macOS has no packets on it, so
// each side says one thing and ends its direction.
func socketpair(patience time.Duration) (host, child *os.File, err error) {
	syscall.ForkLock.RLock() // until both are close-on-exec
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	limit := unix.NsecToTimeval(patience.Nanoseconds())
	unix.SetsockoptTimeval(fds[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit)
	return os.NewFile(uintptr(fds[0]), "trampoline"), os.NewFile(uintptr(fds[1]), "trampoline"), nil
}

// drive takes the trampoline from setup to exec, which closes the socket. The reply
// has what the trampoline said before a failure too.
func drive(name string, host *os.File, setup trampoline.Setup, patience time.Duration) (trampoline.Reply, error) {
	var reply trampoline.Reply
	fail := func(step string, err error) (trampoline.Reply, error) {
		return reply, &Error{Name: name, Step: step, Cause: err}
	}
	b, err := json.Marshal(setup)
	if err != nil {
		return fail("setup", err)
	}
	if _, err := host.Write(b); err != nil {
		return fail("setup", err)
	}
	if err := unix.Shutdown(int(host.Fd()), unix.SHUT_WR); err != nil {
		return fail("setup", err)
	}
	b, err = io.ReadAll(io.LimitReader(host, 1<<20))
	if errors.Is(err, unix.EAGAIN) {
		cause := fmt.Errorf("the program was not executed within %s", patience)
		return reply, &Error{Name: name, Step: "exec", Cause: cause, Hint: assessed}
	}
	if err != nil {
		return fail("exec", err)
	}
	reply, err = trampoline.ParseReply(b)
	switch {
	case err != nil:
		return fail("setup", err)
	case reply.Failure == nil:
		return reply, nil
	case reply.Failure.Step != "apply" || reply.Apply == nil:
		return fail(reply.Failure.Step, reply.Failure.Errno)
	}
	a := reply.Apply
	return reply, &Error{Name: name, Step: "apply", Cause: reply.Failure.Errno, Hint: a.Hint(), Apply: a}
}

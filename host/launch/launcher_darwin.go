package launch

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// Launcher starts processes by a trampoline, which sets the limits and, under
// the seal mode exec, applies the profile.
type Launcher struct {
	trampoline *Binary
	null       *os.File
}

// NewLauncher readies the trampoline. It is called once a process.
func NewLauncher(trampolinePath string) (*Launcher, error) {
	t, err := openTrampoline(trampolinePath)
	if err != nil {
		return nil, err
	}
	closeInherited()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	return &Launcher{trampoline: t, null: null}, nil
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

// Containment says what every process of this launcher runs in. On macOS there
// is no fence but limits: another sandbox around the plugin would be the one
// that is measured.
func (l *Launcher) Containment() Containment {
	return Containment{Limits: limitNames(), Writes: "not contained", Reads: "not contained"}
}

// Fence is for Linux: nothing of macOS's would stand beside the sandbox that is
// measured.
func (l *Launcher) Fence(...string) {}

// Close removes the trampoline's copy.
func (l *Launcher) Close() error {
	l.null.Close()
	return l.trampoline.Close()
}

// Start forks the trampoline, sets it up and waits until the plugin has been
// executed. On an error nothing is left behind.
func (l *Launcher) Start(spec Spec) (*Process, error) {
	setup := trampoline.Setup{
		Path: spec.Binary.file.Name(), Argv: append([]string{spec.Binary.Path}, spec.Args...), Env: spec.Env, Limits: limitCalls(),
	}
	return l.start(&spec, setup)
}

// StartIdle starts a process of ours with the spec's profile, which only exits:
// it shows whether a policy can be applied here.
func (l *Launcher) StartIdle(spec Spec) (*Process, error) { return l.standIn(spec, trampoline.IdleArg) }

// StartHeld is StartIdle for a process that lives until it is released.
func (l *Launcher) StartHeld(spec Spec) (*Process, error) { return l.standIn(spec, trampoline.HoldArg) }

// standIn does not exec: the profile need not allow it.
func (l *Launcher) standIn(spec Spec, arg string) (*Process, error) {
	spec.Binary = l.trampoline
	return l.start(&spec, trampoline.Setup{StandIn: arg})
}

// StartWrapped runs the plugin under a command of somebody else's: sandbox-exec.
// The trampoline executes the command once the limits stand.
func (l *Launcher) StartWrapped(spec Spec, command []string) (*Process, error) {
	plugin := filepath.Join(spec.Dir.Root, "plugin")
	if err := spec.Binary.copyTo(plugin); err != nil {
		return nil, &Error{Name: spec.Name, Step: "setup", Cause: err}
	}
	argv := fillIn(command, map[string]string{VarPlugin: plugin, VarSocketDir: spec.Dir.Sockets})
	path, err := findWrapper(argv[0])
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "exec", Cause: err, Hint: "install it, or name it with its path in the plan's wrap"}
	}
	env := append([]string{"PATH=" + strings.Join(wrapperPath, ":")}, spec.Env...)
	return l.start(&spec, trampoline.Setup{Path: path, Argv: argv, Env: env, Limits: limitCalls()})
}

// View is everything: macOS has no namespaces.
func (p *Process) View() View { return View{Known: true} }

// StartService starts a program of the host's own in a session of its own.
func (l *Launcher) StartService(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd.Start()
}

func (l *Launcher) start(spec *Spec, setup trampoline.Setup) (*Process, error) {
	if spec.Profile != nil {
		setup.Apply, setup.SBPL, setup.Params = true, spec.Profile.SBPL, spec.Profile.Params
	}
	host, child, err := socketpair()
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	defer host.Close()
	p, err := l.fork(spec, child)
	child.Close()
	if err != nil {
		return nil, &Error{Name: spec.Name, Step: "fork", Cause: err}
	}
	if p.Apply, err = drive(spec.Name, host, setup); err != nil {
		p.Kill()
		p.WaitFor(0)
		return nil, err
	}
	return p, nil
}

func (l *Launcher) fork(spec *Spec, control *os.File) (*Process, error) {
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

// socketpair is the talk with the trampoline: macOS has no packets on it, so
// each side says one thing and ends its direction.
func socketpair() (host, child *os.File, err error) {
	syscall.ForkLock.RLock() // until both are close-on-exec
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	// A trampoline that says nothing for so long is not ours any more.
	unix.SetsockoptTimeval(fds[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 10})
	return os.NewFile(uintptr(fds[0]), "trampoline"), os.NewFile(uintptr(fds[1]), "trampoline"), nil
}

// drive takes the trampoline from setup to exec, which closes the socket.
func drive(name string, host *os.File, setup trampoline.Setup) (*seatbelt.ApplyReport, error) {
	fail := func(step string, err error) (*seatbelt.ApplyReport, error) {
		return nil, &Error{Name: name, Step: step, Cause: err}
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
	if err != nil {
		return fail("exec", err)
	}
	reply, err := trampoline.ParseReply(b)
	switch {
	case err != nil:
		return fail("setup", err)
	case reply.Failure != nil && reply.Failure.Step == "apply" && reply.Apply != nil:
		return reply.Apply, &Error{Name: name, Step: "apply", Cause: reply.Failure.Errno, Hint: reply.Apply.Hint(), Apply: reply.Apply}
	case reply.Failure != nil:
		return fail(reply.Failure.Step, reply.Failure.Errno)
	}
	return reply.Apply, nil
}

// nothingLeft ends nobody: macOS gives a dead process's children to pid 1. What
// left the plugin's process group is out of our reach.
func nothingLeft(int) (strays int) { return 0 }

// maxRSS is in KiB; macOS counts bytes.
func maxRSS(ru *syscall.Rusage) int64 { return ru.Maxrss >> 10 }

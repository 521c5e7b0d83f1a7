package launch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// StartWrapped runs the plugin under a command of somebody else's. Of the
// containment only the limits stand: no Landlock, no filter, no trampoline, which
// would all change what the command can do and what the plugin sees.
func (l *Launcher) StartWrapped(spec Spec, command []string) (*Process, error) {
	fail := func(step string, err error, hint string) error {
		return &Error{Name: spec.Name, Step: step, Cause: err, Hint: hint}
	}
	plugin := filepath.Join(spec.Dir.Root, "plugin")
	if err := spec.Binary.copyTo(plugin); err != nil {
		return nil, fail("setup", err, "")
	}
	argv := fillIn(command, map[string]string{VarPlugin: plugin, VarSocketDir: spec.Dir.Sockets})
	path, err := findWrapper(argv[0])
	if err != nil {
		return nil, fail("exec", err, "install it, or name it with its path in the plan's wrap")
	}
	pipes, err := newPipes()
	if err != nil {
		return nil, fail("fork", err, "")
	}
	defer pipes.closeTheirs()
	// The numbers of what is inherited are the trampoline's, so that a plugin
	// cannot tell.
	files := []*os.File{l.null, pipes.out[1], pipes.err[1], l.null, l.null, l.null, pipes.life[0], l.or(spec.Recorder)}
	attr := &os.ProcAttr{
		Dir: "/", Env: append([]string{"PATH=" + strings.Join(wrapperPath, ":")}, spec.Env...), Files: files,
		Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	var proc *os.Process
	done := make(chan struct{})
	l.jobs <- func() {
		proc, err = os.StartProcess(path, argv, attr)
		close(done)
	}
	<-done
	if err != nil {
		pipes.closeOurs()
		return nil, fail("exec", err, "")
	}
	p := l.follow(&spec, proc, pipes)
	if err := limit(p.PID); err != nil && !errors.Is(err, unix.ESRCH) {
		p.Kill()
		p.WaitFor(0)
		return nil, fail("limits", err, "")
	}
	return p, nil
}

// limit lowers a running process's limits, which its children inherit.
func limit(pid int) error {
	for _, l := range limitCalls() {
		var cur unix.Rlimit
		if err := unix.Prlimit(pid, l.Resource, nil, &cur); err != nil {
			return err
		}
		v := min(l.Value, cur.Max)
		if err := unix.Prlimit(pid, l.Resource, &unix.Rlimit{Cur: v, Max: v}, nil); err != nil {
			return err
		}
	}
	return nil
}

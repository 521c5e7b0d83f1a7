// Package processes finds the processes that probes are about: it starts the
// ones that must exist and names the one that must not.
//
// A process is started for one attempt, after sealing, or for one handle that is
// held from before it, out of the plugin's own binary. It ends when its stdin does, so that cleaning up never needs a signal
// that the profile may deny. Nothing here reads /proc, which a sandbox may
// guard.
package processes

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hrhost/hrhost/sdk"
)

// The symbolic targets. host/lane has the relations that each must have to the plugin.
const (
	Self    = "self"    // the plugin
	Child   = "child"   // its child, in its process group
	Sibling = "sibling" // of the same sandbox, neither its child nor in its group: the child of a child
	Pid1    = "pid1"    // init, whatever that is here
	Missing = "missing" // no process, and there never can be one
)

// MissingPID can't exist: it is Linux's PID_MAX_LIMIT, the first number that is
// never given out, and beyond macOS's PID_MAX. fact:signal.number-too-large
const MissingPID = 4 << 20

// startTimeout is how long a started process may take to say that it is ready.
const startTimeout = 30 * time.Second

// Names lists the symbolic targets.
func Names() []string { return []string{Self, Child, Sibling, Pid1, Missing} }

// Target is one process, there until Close.
type Target struct {
	Name  string
	PID   int
	child *sdk.ChildProcess // nil unless it was started for the attempt
	lines *bufio.Reader
}

// Acquire finds or starts the process that a target means.
func Acquire(name string) (*Target, error) {
	switch name {
	case Self:
		return &Target{Name: name, PID: os.Getpid()}, nil
	case Pid1:
		return &Target{Name: name, PID: 1}, nil
	case Missing:
		return &Target{Name: name, PID: MissingPID}, nil
	case Child:
		return start(name, startAcknowledging)
	case Sibling:
		return start(name, func() (*sdk.ChildProcess, error) { return sdk.StartChild(modeParent, true) })
	}
	if target, ok := numbered(name); ok {
		return target, nil
	}
	return nil, fmt.Errorf("finding process %q: want one of %s, or a number (pid:42)", name, strings.Join(Names(), ", "))
}

func start(name string, child func() (*sdk.ChildProcess, error)) (*Target, error) {
	started, err := child()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	t := &Target{Name: name, child: started, lines: bufio.NewReader(started.Out)}
	line, err := t.line(startTimeout)
	if err == nil {
		_, err = fmt.Sscanf(line, "ready %d", &t.PID)
	}
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("waiting for %s %d to be ready: %w", name, started.PID, err)
	}
	return t, nil
}

// Filter is the value that the operation is decided on.
func (t *Target) Filter() string { return fmt.Sprintf("pid:%d", t.PID) }

// Acknowledges reports that the process may be sent SIGUSR1 and tells of it.
func (t *Target) Acknowledges() bool { return t.Name == Child || t.Name == Sibling }

// Signalled waits that long at most for a started process to tell that SIGUSR1
// reached it.
func (t *Target) Signalled(wait time.Duration) bool {
	line, err := t.line(wait)
	return err == nil && line == signalled
}

// Asked reports whether SIGUSR1 had reached a started process by now. For a
// signal that should not have been sent it is surer than waiting, and quicker.
func (t *Target) Asked() bool {
	if _, err := t.child.In.WriteString("?"); err != nil {
		return false
	}
	return t.Signalled(startTimeout)
}

func (t *Target) line(wait time.Duration) (string, error) {
	if err := t.child.Out.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return "", err
	}
	line, err := t.lines.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

// Close ends a started process and waits for it.
func (t *Target) Close() error {
	if t.child == nil {
		return nil
	}
	return t.child.Close()
}

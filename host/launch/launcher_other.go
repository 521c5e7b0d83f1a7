//go:build !linux && !darwin

package launch

import (
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// Launcher is a placeholder on platforms without a seal.
type Launcher struct{}

func NewLauncher(string) (*Launcher, error) { return nil, ErrUnsupported }
func (l *Launcher) Fence(...string)         {}
func (l *Launcher) Containment() Containment {
	return Containment{Writes: "not contained", Reads: "not contained"}
}
func (l *Launcher) Close() error                 { return nil }
func (l *Launcher) Start(Spec) (*Process, error) { return nil, ErrUnsupported }

// StartIdle answers ErrUnsupported.
func (l *Launcher) StartIdle(Spec) (*Process, error) { return nil, ErrUnsupported }

// StartHeld answers ErrUnsupported.
func (l *Launcher) StartHeld(Spec) (*Process, error) { return nil, ErrUnsupported }

// StartService answers ErrUnsupported.
func (l *Launcher) StartService(*exec.Cmd) error { return ErrUnsupported }

// StartWrapped answers ErrUnsupported.
func (l *Launcher) StartWrapped(Spec, []string) (*Process, error) { return nil, ErrUnsupported }

// Process is a placeholder on platforms without a seal.
type Process struct {
	PID    int
	Name   string
	Digest string
	Apply  *seatbelt.ApplyReport
	log    io.Writer
	done   chan struct{}
}

func (p *Process) Done() <-chan struct{}      { return p.done }
func (p *Process) Wait() Exit                 { return Exit{} }
func (p *Process) WaitFor(time.Duration) Exit { return Exit{} }
func (p *Process) Kill()                      {}
func (p *Process) LastLog() string            { return "" }
func (p *Process) Stdout() io.Reader          { return strings.NewReader("") }
func (p *Process) Release()                   {}
func (p *Process) View() View                 { return View{} }
func (p *Process) Orphans() int               { return 0 }
func (p *Process) LogCut() bool               { return false }

func (p *Process) endedItself(time.Duration) (Exit, bool) { return Exit{}, false }

package launch

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Process is one plugin, from exec until it has been reaped.
type Process struct {
	PID    int
	Name   string
	Digest string
	pipes  *pipes
	log    *logTail
	proc   *os.Process
	killed sync.Once
	byUs   atomic.Bool
	done   chan struct{}
	exit   Exit
}

func newProcess(spec *Spec, proc *os.Process, pipes *pipes) *Process {
	p := &Process{
		PID: proc.Pid, Name: spec.Name, Digest: spec.Binary.Digest,
		pipes: pipes, log: newLogTail(spec.Log),
		proc: proc, done: make(chan struct{}),
	}
	go p.reap()
	return p
}

// reap waits for this process alone, then ends whatever it left in its session.
func (p *Process) reap() {
	st, err := p.proc.Wait()
	p.exit = Exit{Code: -1, At: time.Now(), WaitErr: err}
	if st != nil {
		ws := st.Sys().(syscall.WaitStatus)
		if ws.Signaled() {
			p.exit.Signal = ws.Signal()
		} else {
			p.exit.Code = ws.ExitStatus()
		}
		ru := st.SysUsage().(*syscall.Rusage)
		p.exit.UserUS, p.exit.SysUS, p.exit.MaxRSS = ru.Utime.Nano()/1000, ru.Stime.Nano()/1000, ru.Maxrss
	}
	unix.Kill(-p.PID, unix.SIGKILL)
	killOrphans(func(session int) bool { return session == p.PID })
	close(p.done)
}

// Done is closed once the process has been reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait blocks until the process has been reaped.
func (p *Process) Wait() Exit {
	<-p.done
	e := p.exit
	e.Killed = p.byUs.Load()
	return e
}

// WaitFor is Wait with a deadline, after which the process is killed and its
// pipes are closed: a grandchild that holds them open cannot hold us.
func (p *Process) WaitFor(d time.Duration) Exit {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-p.done:
	case <-t.C:
		p.Kill()
	}
	e := p.Wait()
	p.closePipes()
	return e
}

// Kill ends the process and its group. It may be called at any time.
func (p *Process) Kill() {
	p.killed.Do(func() {
		select {
		case <-p.done:
			return
		default:
		}
		p.byUs.Store(true)
		unix.Kill(-p.PID, unix.SIGKILL)
		p.proc.Kill()
	})
}

// Release closes the life pipe, which tells the plugin to exit.
func (p *Process) Release() { p.pipes.life[1].Close() }

func (p *Process) closePipes() { p.pipes.closeOurs() }

// Stdout is the process's stdout; go-plugin's handshake comes there.
func (p *Process) Stdout() io.Reader { return p.pipes.out[0] }

// LastLog is the end of what the process wrote to stderr.
func (p *Process) LastLog() string { return p.log.tail() }

// Stderr is the process's stderr, copied to the log while it is read.
func (p *Process) Stderr() io.Reader { return &tee{p.pipes.err[0], p.log} }

type tee struct {
	r io.Reader
	w *logTail
}

func (t *tee) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	t.w.write(b[:n])
	if errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return n, err
}

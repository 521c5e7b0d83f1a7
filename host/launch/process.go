//go:build linux || darwin

package launch

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// Process is one plugin, from exec until it has been reaped.
type Process struct {
	PID     int
	Name    string
	Digest  string
	Apply   *seatbelt.ApplyReport // macOS: of the profile applied before exec, nil for none
	pipes   *pipes
	log     *logTail
	left    func(pid int) (orphans int) // ends what it left behind
	orphans int                         // once done
	logged  chan struct{}               // closed when stderr has ended
	proc    *os.Process
	killed  sync.Once
	byUs    atomic.Bool
	done    chan struct{}
	exit    Exit
}

func newProcess(spec *Spec, proc *os.Process, pipes *pipes, left func(pid int) (orphans int)) *Process {
	p := &Process{
		PID: proc.Pid, Name: spec.Name, Digest: spec.Binary.Digest,
		pipes: pipes, left: left, log: newLogTail(spec.Log), logged: make(chan struct{}),
		proc: proc, done: make(chan struct{}),
	}
	go p.copyLog()
	go p.reap()
	return p
}

// copyLog takes stderr into the log until its last writer is gone, or until we
// close our end.
func (p *Process) copyLog() {
	defer close(p.logged)
	io.Copy(p.log, p.pipes.err[0])
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
		p.exit.UserUS, p.exit.SysUS, p.exit.MaxRSS = ru.Utime.Nano()/1000, ru.Stime.Nano()/1000, maxRSS(ru)
	}
	unix.Kill(-p.PID, unix.SIGKILL)
	p.orphans = p.left(p.PID)
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

// Orphans is how many processes it left behind in sessions of their own, as far as
// they could be told to be its own. They have been ended.
func (p *Process) Orphans() int {
	<-p.done
	return p.orphans
}

// LogCut reports that it wrote more to its log than is kept.
func (p *Process) LogCut() bool { return p.log.wasCut() }

// endedItself says how the process ended, when it did so within d and not by our
// hand.
func (p *Process) endedItself(d time.Duration) (e Exit, ended bool) {
	select {
	case <-p.done:
		e = p.Wait()
		return e, !e.Killed
	case <-time.After(d):
		return e, false
	}
}

// WaitFor is Wait with a deadline, after which the process is killed. Then its
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
	p.drain()
	p.pipes.closeOurs()
	<-p.logged
	p.log.stop()
	return e
}

// drainTime is how long the end of a dead process's stderr is waited for. Only
// a grandchild that holds it open uses it up.
const drainTime = time.Second

// drain waits until the log has all that the dead process wrote.
func (p *Process) drain() {
	select {
	case <-p.logged:
	case <-time.After(drainTime):
	}
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
		go freeKilled(p.PID, p.done)
	})
}

// Release closes the life pipe, which tells the plugin to exit.
func (p *Process) Release() { p.pipes.life[1].Close() }

// Stdout is the process's stdout; go-plugin's handshake comes there.
func (p *Process) Stdout() io.Reader { return p.pipes.out[0] }

// LastLog is what the process said last on stderr, in a line: a panic's message,
// or else the last line that is not empty.
func (p *Process) LastLog() string {
	select {
	case <-p.done:
		p.drain()
	default:
	}
	return p.log.last()
}

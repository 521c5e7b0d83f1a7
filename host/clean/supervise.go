package clean

import (
	"context"
	"errors"
	"time"
)

// state is how far a clean process has come.
type state string

const (
	staging    state = "staging"    // the root is made, what killed runs left is removed
	starting   state = "starting"   // the system was asked for the process
	running    state = "running"    // hrhost runs in it
	stopping   state = "stopping"   // it was told to stop and may tidy up
	collecting state = "collecting" // it failed: what explains that is kept
	removing   state = "removing"   // job and processes are removed
	delivering state = "delivering" // results are moved where they belong
	over       state = "over"       // the root is gone
)

// backend starts a clean process. Its methods are called in this order, by one
// goroutine; began and ended are channels that its own may feed.
type backend interface {
	// forget removes what the system still knows of a root that nobody holds.
	forget(stage string)
	// start asks the system for the process.
	start(s *Stage, req *Request) error
	// began is closed once hrhost runs in the process.
	began() <-chan struct{}
	// ended gets one value when the process has ended.
	ended() <-chan ending
	// stop tells the process to end in an orderly way.
	stop()
	// collect completes a failure by what the system knows, and keeps its files
	// below logs, unless that is "".
	collect(f *Failure, logs string)
	// remove ends whatever is left, running or not. It is called after a failed
	// start too. What it could not remove is the error.
	remove() error
	// deliver moves what the process left as results to out.
	deliver(out string) error
}

// ending is how a process ended: with an exit code, or with none.
type ending struct {
	code    int
	failure *Failure
}

// exitUncaught is the exit code of a Go program that gets SIGQUIT and does not catch
// it (os/signal, "Default behavior of signals in Go programs").
const exitUncaught = 2

// unheard reports whether a stop signal ended the process before it listened.
func (e ending) unheard() bool {
	return e.failure.byStopSignal() || e.failure == nil && e.code == exitUncaught
}

// supervisor runs one request.
type supervisor struct {
	backend     backend
	parent      string // of the staged root
	start, stop time.Duration
	enter       func(state) // is told of each state; nil = nobody is
}

func (s *supervisor) at(st state) {
	if s.enter != nil {
		s.enter(st)
	}
}

func (s *supervisor) run(ctx context.Context, req Request) (int, error) {
	s.at(staging)
	stage, err := newStage(s.parent, s.backend.forget)
	if err != nil {
		return 0, err
	}
	e := s.supervise(ctx, stage, &req)
	if e.failure != nil {
		s.at(collecting)
		s.backend.collect(e.failure, req.Logs)
	}
	s.at(removing)
	left := s.backend.remove()
	s.at(delivering)
	if err := s.backend.deliver(req.Out); err != nil {
		e.failure = e.failure.undelivered(err, stage.keep())
	}
	left = errors.Join(left, stage.Close())
	s.at(over)
	if left != nil {
		e.failure = e.failure.and(left)
	}
	if e.failure != nil {
		return 0, e.failure
	}
	return e.code, nil
}

// supervise goes from starting to the end of the process. Only the process's own
// end, or a time limit, ends it.
func (s *supervisor) supervise(ctx context.Context, stage *Stage, req *Request) ending {
	s.at(starting)
	if err := s.backend.start(stage, req); err != nil {
		return ending{failure: failureOf(err, NotStarted)}
	}
	began, ended, stopped := s.backend.began(), s.backend.ended(), ctx.Done()
	limit, missed := time.After(s.start), NeverBegan
	for {
		select {
		case e := <-ended:
			select {
			case <-began: // both at once
				if missed == NeverBegan {
					s.at(running)
				}
			default:
			}
			if ctx.Err() != nil && e.unheard() {
				e.failure = &Failure{Kind: Stopped}
			}
			return e
		case <-began:
			began = nil
			if missed == NeverBegan {
				s.at(running)
				limit = nil
			}
		case <-stopped:
			stopped = nil
			s.at(stopping)
			s.backend.stop()
			limit, missed = time.After(s.stop), NotStopped
		case <-limit:
			return ending{failure: &Failure{Kind: missed}}
		}
	}
}

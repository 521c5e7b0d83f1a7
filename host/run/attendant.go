package run

import (
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/probing"
)

// attendant keeps one of a sweep's two processes: it is started when there is
// something to attempt and stays for all of it. One that dies is started again
// for the next portion; what it had not reached of its own stays not reached, but
// for a portion of which it had begun nothing.
type attendant struct {
	operation string
	lost      func(*probing.Report) // told of a process whose portion goes to the next one
	run       func(*probing.Feed) *probing.Report
	work      chan probing.Portion // nil while there is no process
	done      chan *probing.Report
	ended     chan *probing.Report
	fruitless int             // processes in a row that completed nothing
	proven    bool            // a process has completed a portion
	last      *probing.Report // of the last process that failed
	processes int             // started so far
	launch    time.Duration   // spent until processes took work, together
}

// maxFruitless is how many processes in a row may fail before none is started
// any more.
const maxFruitless = 3

// do has the portion attempted and returns the report about it. A portion that a
// process left unbegun goes to the next one, as does one that came when a program
// which was seen to work did not start again.
func (a *attendant) do(p probing.Portion) *probing.Report {
	for a.fruitless < maxFruitless {
		rep, begun := a.once(p)
		switch {
		case begun:
			return rep
		case !rep.Unbegun && !a.proven:
			return unreached(rep, p)
		}
		a.lost(rep)
	}
	return unreached(a.last, p)
}

// once gives the portion to one process. Not begun: no attempt of it was, and the
// report is about the process alone.
func (a *attendant) once(p probing.Portion) (rep *probing.Report, begun bool) {
	since := time.Now()
	if a.work == nil {
		a.start()
	}
	select {
	case rep := <-a.ended: // it never came to the work
		a.failed(rep)
		return rep, false
	case a.work <- p:
	}
	a.launch += time.Since(since)
	select {
	case rep := <-a.done:
		a.fruitless, a.proven = 0, true
		return rep, true
	case rep := <-a.ended:
		a.failed(rep)
		return rep, !rep.Unbegun
	}
}

func (a *attendant) start() {
	a.work, a.done, a.ended = make(chan probing.Portion), make(chan *probing.Report), make(chan *probing.Report, 1)
	a.processes++
	work, done, ended := a.work, a.done, a.ended
	go func() {
		ended <- a.run(&probing.Feed{
			Operation: a.operation, Slots: portionSize,
			Next: func() (probing.Portion, bool) { p, more := <-work; return p, more },
			Done: func(r *probing.Report) { done <- r },
		})
	}()
}

func (a *attendant) failed(rep *probing.Report) {
	a.fruitless++
	a.last, a.work = rep, nil
}

// end lets the process go. The report is about what happened after the last
// portion, nil when there is no process.
func (a *attendant) end() *probing.Report {
	if a.work == nil {
		return nil
	}
	close(a.work)
	a.work = nil
	return <-a.ended
}

// unreached is the report about a portion that a process did not live to see.
func unreached(rep *probing.Report, p probing.Portion) *probing.Report {
	r := *rep
	r.Attempts, r.Witness, r.Answers, r.Attempted, r.Unbegun = nil, nil, nil, 0, false
	if r.Failed == "" || r.Failed == lane.StageCleanup {
		r.Failed = lane.StageOperation
	}
	for _, it := range p.Items {
		r.Attempts = append(r.Attempts, probing.Attempt{Item: it})
	}
	return &r
}

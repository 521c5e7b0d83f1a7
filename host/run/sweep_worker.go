package run

import (
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/probing"
)

// worker keeps one of a sweep's two processes: it is started when there is
// something to attempt and stays for all of it. One that dies is started again
// for the next batch; what it had not reached of its own stays not reached, but
// for a batch of which it had begun nothing.
type worker struct {
	operation string
	lost      func(*probing.Report) // told of a process whose batch goes to the next one
	run       func(*probing.Feed) *probing.Report
	work      chan probing.Batch // nil while there is no process
	done      chan *probing.Report
	ended     chan *probing.Report
	fruitless int             // processes in a row that completed nothing
	proven    bool            // a process has completed a batch
	last      *probing.Report // of the last process that failed
	processes int             // started so far
	launch    time.Duration   // spent until processes took work, together
}

// maxFruitless is how many processes in a row may fail before none is started
// any more.
const maxFruitless = 3

// do has the batch attempted and returns the report about it. A batch that a
// process left unbegun goes to the next one, as does one that came when a program
// which was seen to work did not start again.
func (w *worker) do(p probing.Batch) *probing.Report {
	for w.fruitless < maxFruitless {
		rep, begun := w.once(p)
		switch {
		case begun:
			return rep
		case !rep.Unbegun && !w.proven:
			return unreached(rep, p)
		}
		w.lost(rep)
	}
	return unreached(w.last, p)
}

// once gives the batch to one process. Not begun: no attempt of it was, and the
// report is about the process alone.
func (w *worker) once(p probing.Batch) (rep *probing.Report, begun bool) {
	since := time.Now()
	if w.work == nil {
		w.start()
	}
	select {
	case rep := <-w.ended: // it never came to the work
		w.failed(rep)
		return rep, false
	case w.work <- p:
	}
	w.launch += time.Since(since)
	select {
	case rep := <-w.done:
		w.fruitless, w.proven = 0, true
		return rep, true
	case rep := <-w.ended:
		w.failed(rep)
		return rep, !rep.Unbegun
	}
}

func (w *worker) start() {
	w.work, w.done, w.ended = make(chan probing.Batch), make(chan *probing.Report), make(chan *probing.Report, 1)
	w.processes++
	work, done, ended := w.work, w.done, w.ended
	go func() {
		ended <- w.run(&probing.Feed{
			Operation: w.operation, Slots: batchSize,
			Next: func() (probing.Batch, bool) { p, more := <-work; return p, more },
			Done: func(r *probing.Report) { done <- r },
		})
	}()
}

func (w *worker) failed(rep *probing.Report) {
	w.fruitless++
	w.last, w.work = rep, nil
}

// end lets the process go. The report is about what happened after the last
// batch, nil when there is no process.
func (w *worker) end() *probing.Report {
	if w.work == nil {
		return nil
	}
	close(w.work)
	w.work = nil
	return <-w.ended
}

// unreached is the report about a batch that a process did not live to see.
func unreached(rep *probing.Report, p probing.Batch) *probing.Report {
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

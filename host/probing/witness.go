package probing

import (
	"sync"
	"sync/atomic"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
)

// maxWitness is how many mediated calls a process may make for so many attempts.
// It bounds the memory of its decisions and the rows on disk: an attempt makes a
// few, a Go program's start some dozens.
func maxWitness(attempts int) int { return 4096 + 64*attempts }

// witness gathers the rows of all of a process's enforcers, in one sequence and under
// one limit. A process with more rows than that is ended.
type witness struct {
	pass  func(*lane.WitnessRow) // Job.Witness; may be nil
	trace *Trace

	stage   atomic.Value                   // lane.Stage: how far the process has got
	process atomic.Pointer[launch.Process] // nil until it was started

	mu      sync.Mutex // guards what follows
	most    int
	rows    []*lane.WitnessRow
	seq     int64
	dropped int64
}

func newWitness(job *Job) *witness {
	w := &witness{pass: job.Witness, trace: job.Trace, most: maxWitness(len(job.Items))}
	w.stage.Store(lane.StageLaunch) // until it answers
	return w
}

// emit keeps a row for the decisions and passes it on, before the call that it is
// about is answered.
func (w *witness) emit(row *lane.WitnessRow) {
	if row.Slot < 0 { // outside every attempt
		row.Stage = w.stage.Load().(lane.Stage)
	}
	w.mu.Lock()
	w.seq++
	row.Seq = w.seq
	if len(w.rows) < w.most {
		w.rows = append(w.rows, row)
	} else {
		w.dropped++
		if p := w.process.Load(); p != nil {
			p.Kill()
		}
	}
	if w.pass != nil {
		w.pass(row) // with the lock held: rows are on disk in the order of their numbers
	}
	w.mu.Unlock()
	w.trace.witness(row)
}

// flooded returns the limit when there were more rows, else 0.
func (w *witness) flooded() (limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dropped == 0 {
		return 0
	}
	return w.most
}

// begin sets the limit for a batch of so many attempts, and returns how many rows
// there are from before it.
func (w *witness) begin(attempts int) (before int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.most = maxWitness(attempts)
	return len(w.rows)
}

// take hands over the rows that were kept, and forgets them. dropped counts those of
// the whole process that were not kept.
func (w *witness) take() (rows []*lane.WitnessRow, dropped int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows, w.rows, w.most = w.rows, nil, maxWitness(0)
	return rows, w.dropped
}

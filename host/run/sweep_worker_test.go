package run

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// process is what one process of a worker does: complete so many batches,
// and then end before it takes another, with the next unbegun, or in it.
type process struct {
	completes int
	then      string // stay, unstarted, unbegun, dies
}

// attended gives batches to the processes and says which of them came out, and
// which processes the batches went to.
func attended(t *testing.T, batches int, processes ...process) (got []string, a *worker, told int) {
	t.Helper()
	started := 0
	a = &worker{lost: func(rep *probing.Report) { told++ }}
	a.run = func(f *probing.Feed) *probing.Report {
		if started == len(processes) {
			t.Errorf("process %d was started", started+1)
			return &probing.Report{Failed: lane.StageLaunch, Err: errors.New("one too many")}
		}
		number, p := started, processes[started]
		started++
		if p.then == "unstarted" {
			return &probing.Report{PID: number, Failed: lane.StageHandshake, Err: errors.New("unstarted")}
		}
		for range p.completes {
			batch, more := f.Next()
			if !more {
				return &probing.Report{PID: number}
			}
			f.Done(&probing.Report{PID: number, Completed: &wire.Completed{}, Attempts: make([]probing.Attempt, len(batch.Items))})
		}
		batch, more := f.Next()
		rep := &probing.Report{PID: number}
		if !more {
			return rep
		}
		rep.Failed, rep.Err, rep.Exit = lane.StageOperation, errors.New(p.then), &launch.Exit{Code: 3}
		rep.Unbegun, rep.Attempts = p.then == "unbegun", make([]probing.Attempt, len(batch.Items))
		return rep
	}
	for i := range batches {
		rep := a.do(probing.Batch{Items: []wire.RunItem{{Slot: 0}, {Slot: 1}}})
		if len(rep.Attempts) != 2 {
			t.Errorf("batch %d: %d attempts", i, len(rep.Attempts))
		}
		word := "done"
		if rep.Completed == nil {
			word = "lost"
		}
		got = append(got, fmt.Sprintf("%s by %d", word, rep.PID))
	}
	a.end()
	return got, a, told
}

func TestSweepWorker(t *testing.T) {
	unbegun := process{0, "unbegun"}
	for name, c := range map[string]struct {
		processes []process
		want      []string
		told      int // of processes that died with nothing begun
	}{
		"all is well":            {[]process{{9, ""}}, []string{"done by 0", "done by 0", "done by 0"}, 0},
		"dies in a batch":        {[]process{{1, "dies"}, {9, ""}}, []string{"done by 0", "lost by 0", "done by 1"}, 0},
		"dies between two":       {[]process{{1, "unbegun"}, {9, ""}}, []string{"done by 0", "done by 1", "done by 1"}, 1},
		"dies after each":        {[]process{{1, "unbegun"}, {1, "unbegun"}, {9, ""}}, []string{"done by 0", "done by 1", "done by 2"}, 2},
		"dies at the first":      {[]process{unbegun, {9, ""}}, []string{"done by 1", "done by 1", "done by 1"}, 1},
		"never begins":           {[]process{unbegun, unbegun, unbegun}, []string{"lost by 2", "lost by 2", "lost by 2"}, 3},
		"does not start":         {[]process{{0, "unstarted"}, {9, ""}}, []string{"lost by 0", "done by 1", "done by 1"}, 0},
		"does not start again":   {[]process{{1, "unbegun"}, {0, "unstarted"}, {9, ""}}, []string{"done by 0", "done by 2", "done by 2"}, 2},
		"stays dead":             {[]process{{1, "unbegun"}, {0, "unstarted"}, {0, "unstarted"}}, []string{"done by 0", "lost by 2", "lost by 2"}, 3},
		"dies in all and begins": {[]process{{0, "dies"}, {0, "dies"}, {0, "dies"}}, []string{"lost by 0", "lost by 1", "lost by 2"}, 0},
	} {
		got, a, told := attended(t, 3, c.processes...)
		if !slices.Equal(got, c.want) || told != c.told || a.processes != len(c.processes) {
			t.Errorf("%s: %q in %d processes, %d told; want %q in %d, %d", name, got, a.processes, told, c.want, len(c.processes), c.told)
		}
	}
}

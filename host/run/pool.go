package run

import (
	"runtime"
	"sync"
)

// pool runs processes, one more at once than there are CPUs, since each waits for
// others now and then, in the order in which they are handed to it: a baseline
// before the profiles that wait for it.
type pool struct {
	slots chan struct{}
	guard func(do func()) // calls do, and survives its panic
	wg    sync.WaitGroup
}

func newPool(guard func(func())) *pool {
	return &pool{slots: make(chan struct{}, runtime.NumCPU()+1), guard: guard}
}

// run waits for a free place, and not for do.
func (p *pool) run(do func()) {
	p.slots <- struct{}{}
	p.wg.Go(func() {
		defer func() { <-p.slots }()
		p.guard(do)
	})
}

func (p *pool) wait() { p.wg.Wait() }

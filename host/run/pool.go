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
	errs  *firstError // survives a panic of what is run
	wg    sync.WaitGroup
}

func newPool(errs *firstError) *pool {
	return &pool{slots: make(chan struct{}, runtime.NumCPU()+1), errs: errs}
}

// run waits for a free place, and not for do.
func (p *pool) run(do func()) {
	p.slots <- struct{}{}
	p.wg.Go(func() {
		defer func() { <-p.slots }()
		p.errs.guard(do)
	})
}

// wait returns when all is done, with the error that must end the run.
func (p *pool) wait() error {
	p.wg.Wait()
	return p.errs.get()
}

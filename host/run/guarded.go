package run

import (
	"context"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/guard"
)

// FaultLog holds the stack of a panic, in the .partial directory. No profile's log
// has this ending.
const FaultLog = "logs/fault.txt"

// guard calls do. A panic fails the run, which then ends in good order: its
// processes are ended, and the .partial directory says failed and why.
func (r *runner) guard(do func()) {
	err := guard.Do(func() error {
		do()
		return nil
	})
	if err != nil {
		r.fail(err)
	}
}

// fail notes an error of our own that must end the run.
func (r *runner) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// failed returns the first error that must end the run, nil for none.
func (r *runner) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// abort leaves the partial directory with the reason in it.
func (r *runner) abort(ctx context.Context, cause error) {
	r.out.close()
	state := bundle.Failed
	if stack := guard.Stack(cause); stack != nil {
		r.keep(stack)
	} else if ctx.Err() != nil {
		state = bundle.Interrupted
	}
	r.bundle.Abort(state, cause.Error())
}

// keep writes a stack where a person finds it. The status has the panic's text even
// where that fails.
func (r *runner) keep(stack []byte) {
	if f, err := r.bundle.File(FaultLog); err == nil {
		f.Write(stack)
		f.Close()
	}
}

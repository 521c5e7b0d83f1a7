package run

import (
	"context"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/guard"
)

// FaultLog holds the stack of a panic, in the .partial directory. No profile's log
// has this ending.
const FaultLog = "logs/fault.txt"

// firstError keeps the first error of hrhost itself. It ends the run.
type firstError struct {
	mu  sync.Mutex
	err error
}

// guard calls do. A panic fails the run, which then ends in good order: its
// processes are ended, and the .partial directory says failed and why.
func (f *firstError) guard(do func()) {
	err := guard.Do(func() error {
		do()
		return nil
	})
	if err != nil {
		f.note(err)
	}
}

// note keeps an error that must end the run, unless there is one already.
func (f *firstError) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// get returns the error that must end the run, nil for none.
func (f *firstError) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// abort leaves the partial directory with the reason in it.
func abort(ctx context.Context, w *bundle.Writer, cause error) {
	state := bundle.Failed
	if stack := guard.Stack(cause); stack != nil {
		keepStack(w, stack)
	} else if ctx.Err() != nil {
		state = bundle.Interrupted
	}
	w.Abort(state, cause.Error())
}

// keepStack writes a stack where a person finds it. The status has the panic's text
// even where that fails.
func keepStack(w *bundle.Writer, stack []byte) {
	if f, err := w.File(FaultLog); err == nil {
		f.Write(stack)
		f.Close()
	}
}

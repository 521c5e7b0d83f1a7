// Package guard turns a panic into an error, so that the goroutine that panics does
// not end the process and with it the work of all others.
package guard

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// Fault is a panic: a mistake in hrhost, not in a plan or a plugin.
type Fault struct {
	Value any
	Stack []byte // of the goroutine, from the panic outwards
}

func (f *Fault) Error() string { return fmt.Sprintf("hrhost has a fault: %v", f.Value) }

// Do calls do and returns its error, or a *Fault if it panics.
func Do(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Fault{Value: v, Stack: debug.Stack()}
		}
	}()
	return do()
}

// Stack returns the stack of the first fault in err, nil if there is none.
func Stack(err error) []byte {
	var f *Fault
	if !errors.As(err, &f) {
		return nil
	}
	return f.Stack
}

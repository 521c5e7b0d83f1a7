package main

import "context"

// A profile is a program, and may compute for seconds. The evaluator does not look
// at signals, so the caller that waits for it does.

// await returns what f returns, or errInterrupted as soon as the context ends. Then
// f is left to itself, in a process that is about to end: f must be work that only
// reads.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		var none T
		return none, errInterrupted
	}
}

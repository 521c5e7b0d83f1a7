package main

import (
	"context"

	"github.com/spf13/cobra"
)

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

// interruptible makes a command that only reads end with the context.
func interruptible(f func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		_, err := await(c.Context(), func() (struct{}, error) { return struct{}{}, f(c, args) })
		return err
	}
}

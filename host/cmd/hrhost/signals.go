package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/run"
)

// stopSignals are the signals that ask hrhost to stop: a run that gets one ends its
// processes and marks its directory as interrupted. SIGHUP stays ignored under nohup.
// SIGQUIT belongs to the Go runtime, which prints every goroutine, where GOTRACEBACK
// is set.
func stopSignals() []os.Signal {
	stop := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stop = append(stop, syscall.SIGHUP)
	}
	if os.Getenv("GOTRACEBACK") == "" {
		stop = append(stop, syscall.SIGQUIT)
	}
	return stop
}

// outliveReader makes writing to a pipe that has no reader an error, as it is for
// any descriptor but 1 and 2: otherwise SIGPIPE ends the process in the middle of a
// measurement (os/signal, "SIGPIPE"). The signal is caught, not ignored, so that
// the processes which hrhost starts have the default.
func outliveReader() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// interruption tells how the verb that runs ends on a stop signal.
type interruption struct{ heeded atomic.Bool }

// heed returns the context that a stop signal ends, for a verb that ends in good
// order then, or comes to its end soon. Any other verb has nothing to put in order:
// the signal ends it.
func (u *ui) heed(c *cobra.Command) context.Context {
	u.stop.heeded.Store(true)
	return c.Context()
}

// stopped ends a verb that does not heed stop signals.
func (u *ui) stopped() {
	if !u.stop.heeded.Load() {
		u.complain(errInterrupted)
		os.Exit(run.ExitIncomplete)
	}
}

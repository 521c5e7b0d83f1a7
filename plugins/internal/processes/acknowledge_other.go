//go:build !linux

package processes

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// lateSignal is how long a process that is told to end still listens: a signal
// sent before may not have been handled yet. Without signalfd there is no way
// to ask for it; a signal later than this is missed.
const lateSignal = 50 * time.Millisecond

func expectingUSR1(start func() error) error { return start() }

// acknowledge says that it is ready, tells when SIGUSR1 arrives, and ends when
// stdin does.
func acknowledge() {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGUSR1)
	ended := make(chan struct{})
	go func() {
		relay(io.Discard, os.Stdin)
		close(ended)
	}()
	fmt.Println("ready", os.Getpid())
	select {
	case <-arrived:
		fmt.Println(signalled)
		<-ended
	case <-ended:
		select {
		case <-arrived:
			fmt.Println(signalled)
		case <-time.After(lateSignal):
		}
	}
}

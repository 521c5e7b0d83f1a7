//go:build !linux

package processes

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/sdk"
)

// lateSignal is how long a process that is asked still listens: a signal sent
// before may not have been handled yet. Without signalfd there is no way to ask
// for it; a signal later than this is missed.
const lateSignal = 50 * time.Millisecond

func children() map[string]func() {
	return map[string]func(){modeAcknowledge: acknowledge, modeParent: parent}
}

// startAcknowledging starts a process that SIGUSR1 does not end.
func startAcknowledging() (*sdk.ChildProcess, error) {
	return sdk.StartChild(modeAcknowledge, false)
}

const modeAcknowledge = "acknowledge"

// acknowledge says that it is ready, tells of each SIGUSR1, answers a question on
// stdin by whether there is one to tell of, and ends when stdin does.
func acknowledge() {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGUSR1)
	asked := make(chan struct{})
	go questions(asked)
	fmt.Println("ready", os.Getpid())
	for {
		select {
		case <-arrived:
			fmt.Println(signalled)
		case _, more := <-asked:
			if !more {
				return
			}
			select {
			case <-arrived:
				fmt.Println(signalled)
			case <-time.After(lateSignal):
				fmt.Println(quiet)
			}
		}
	}
}

// questions passes on that stdin was written to, until it ends.
func questions(asked chan<- struct{}) {
	defer close(asked)
	var b [64]byte
	for {
		if _, err := os.Stdin.Read(b[:]); err != nil {
			return
		}
		asked <- struct{}{}
	}
}

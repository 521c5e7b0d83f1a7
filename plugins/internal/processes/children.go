package processes

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/sdk"
)

const (
	modeAcknowledge = "acknowledge"
	modeParent      = "parent"

	signalled = "signalled"

	// lateSignal is how long a process that is told to end still listens: a
	// signal sent before may not have been handled yet.
	lateSignal = 2 * time.Millisecond
)

// Children are the modes for Spec.Children.
func Children() map[string]func() {
	return map[string]func(){modeAcknowledge: acknowledge, modeParent: parent}
}

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

// parent starts an acknowledging child of its own and stands between it and the
// plugin.
func parent() {
	child, err := sdk.StartChild(modeAcknowledge, false)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		relay(child.In, os.Stdin)
		child.In.Close()
	}()
	relay(os.Stdout, child.Out)
	child.Close()
}

// relay hides what the two ends are: between files, io.Copy would ask for the
// kernel's version, a call that a sandbox may judge.
func relay(to io.Writer, from io.Reader) {
	io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{from})
}

// Command hrhost runs sandbox probe plugins under a profile and writes one
// verifiable bundle of evidence. ui.go holds the contract of its terminal.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"

	"github.com/hrhost/hrhost/host/selftest"
)

// version is set by the release build.
var version = "dev"

func init() {
	// The clean worker dies with the thread that started it (PDEATHSIG), so it
	// is started from the main thread, which lives as long as the process.
	runtime.LockOSThread()
}

func main() {
	// An experiment of the self test has this process for itself: no signal is
	// caught and no thread is taken.
	if len(os.Args) > 1 && os.Args[1] == selftest.Verb {
		os.Exit(selftest.Serve(experiments(), os.Args[2:]))
	}
	os.Exit(Main(os.Args[1:]))
}

// Main runs one command line and returns the exit code.
func Main(args []string) int {
	outliveReader()
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	ui := newUI(os.Stdout, os.Stderr)
	defer context.AfterFunc(ctx, ui.stopped)()
	root := rootCommand(ui)
	root.SetArgs(args)
	return ui.unprinted(ui.exit(root.ExecuteContext(ctx)))
}

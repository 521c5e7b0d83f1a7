package seatbelt

import (
	"os"
	"os/exec"
	"time"

	"github.com/hrhost/hrhost/internal/darwin"
)

// ReceiverVerb is the hidden verb of hrhost that runs [Receive].
const ReceiverVerb = "receiver"

// Receive tells on stdout which of the distributed notifications arrive, until
// stdin ends. It must be called on the main thread, whose run loop delivers them.
func Receive(names []string) error {
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	if err := darwin.Observe(names, func(name string) { os.Stdout.WriteString(arrivalLine(name)) }); err != nil {
		return err
	}
	os.Stdout.WriteString(Listening + "\n")
	return darwin.RunLoop()
}

// process is a receiver and its end.
type process struct {
	*arrivals
	close func()
}

// startTimeout is how long a receiver may take to listen.
const startTimeout = 5 * time.Second

// startArrivals starts a receiver and waits until it listens. One that does not
// leaves the effects unobservable.
func startArrivals(names []string) process {
	a := &arrivals{names: map[string]bool{}}
	none := process{close: func() {}}
	exe, err := os.Executable()
	if err != nil {
		return none
	}
	cmd := exec.Command(exe, append([]string{ReceiverVerb, "--"}, names...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return none
	}
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return none
	}
	go a.read(out)
	a.listens(startTimeout)
	return process{a, func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	}}
}

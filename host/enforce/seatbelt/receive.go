package seatbelt

import (
	"io"
	"os/exec"
	"time"
)

// centre is the distributed notification centre as a receiver uses it. Package darwin
// has macOS's; the tests play it.
type centre struct {
	observe func(names []string, arrived func(name string)) error
	runLoop func() error
}

// receive tells which of the distributed notifications arrive. Once in ends, exit is
// called: the run loop itself does not end.
func receive(names []string, in io.Reader, out io.Writer, c centre, exit func()) error {
	go func() {
		in.Read(make([]byte, 1))
		exit()
	}()
	if err := c.observe(names, func(name string) { io.WriteString(out, arrivalLine(name)) }); err != nil {
		return err
	}
	io.WriteString(out, Listening+"\n")
	return c.runLoop()
}

// process is a receiver and its end.
type process struct {
	*arrivals
	close func()
}

// startTimeout is how long a receiver may take to listen: as long as macOS may assess a
// program that it has not executed before. fact:launch.assessed
const startTimeout = time.Minute

// startArrivals starts a receiver and waits until it listens. One that does not
// leaves the effects unobservable.
func startArrivals(cmd *exec.Cmd, wait time.Duration) process {
	a := &arrivals{names: map[string]bool{}}
	none := process{close: func() {}}
	in, err := cmd.StdinPipe()
	if err != nil {
		return none
	}
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return none
	}
	go a.read(out)
	a.listens(wait)
	return process{a, func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	}}
}

//go:build !darwin

package clean

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// child is the clean process as a child of this one.
type child struct {
	program string
	cmd     *exec.Cmd
	up      chan struct{}
	done    chan ending
	gone    chan struct{} // closed when the child was reaped
	end     func()        // ends what the child left
}

func newChild() *child {
	return &child{program: "/proc/self/exe", up: make(chan struct{}), done: make(chan ending, 1), gone: make(chan struct{})}
}

func (c *child) forget(string) {}

func (c *child) start(s *Stage, req *Request) error {
	c.end = adopt()
	request, err := req.encode(nil)
	if err != nil {
		return err
	}
	closeInherited()
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	wd, _ := os.Getwd()
	cmd := exec.Command(c.program, req.Verb)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = wd
	for k, v := range environment(s.Dir, wd) {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, []*os.File{r, s.lock}
	cmd.SysProcAttr = attributes()
	if err := start(cmd); err != nil {
		w.Close()
		return err
	}
	c.cmd = cmd
	close(c.up)
	go func() {
		_, werr := w.Write(request)
		w.Close()
		c.done <- endingOf(cmd.Wait(), werr)
		close(c.gone)
	}()
	return nil
}

func endingOf(err, sending error) ending {
	var ee *exec.ExitError
	switch {
	case errors.As(err, &ee) && ee.ExitCode() < 0:
		return ending{failure: &Failure{Kind: Died, Cause: ee.ProcessState.String()}}
	case errors.As(err, &ee):
		return ending{code: ee.ExitCode()}
	case err != nil:
		return ending{failure: &Failure{Kind: Died, Cause: err.Error()}}
	case sending != nil:
		return ending{failure: &Failure{Kind: NotStarted, Cause: fmt.Sprintf("sending the request: %v", sending)}}
	}
	return ending{}
}

func (c *child) began() <-chan struct{} { return c.up }
func (c *child) ended() <-chan ending   { return c.done }
func (c *child) stop()                  { c.cmd.Process.Signal(syscall.SIGTERM) }

// collect has nothing to add: what a child printed is on the terminal.
func (c *child) collect(*Failure, string) {}

// deliver has nothing to move: a child writes where its results belong.
func (c *child) deliver(string) error { return nil }

func (c *child) remove() error {
	if c.cmd != nil {
		c.cmd.Process.Kill() // it has ended already, but for a time limit
		<-c.gone
	}
	c.end()
	return nil
}

package selftest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Trial is what a running experiment has: a directory, and processes of its own
// program.
type Trial struct {
	Dir  string // its own, empty, removed afterwards
	fact string
}

// undone is a panic that ends an experiment which can't be carried out.
type undone struct{ why string }

// Must ends the experiment as incomplete when err is not nil. doing says what
// failed.
func (t *Trial) Must(err error, doing string) {
	if err != nil {
		panic(undone{doing + ": " + err.Error()})
	}
}

// GiveUp ends the experiment as incomplete.
func (t *Trial) GiveUp(format string, args ...any) { panic(undone{fmt.Sprintf(format, args...)}) }

// Eventually asks done until it says yes, and reports whether it did within d. A
// time in which the machine stood still, as virtual ones do, does not count.
func Eventually(d time.Duration, done func() bool) bool {
	for end := time.Now().Add(d); !done(); {
		if time.Now().After(end) {
			return false
		}
		began := time.Now()
		time.Sleep(time.Millisecond)
		if slept := time.Since(began); slept > time.Second {
			end = end.Add(slept)
		}
	}
	return true
}

// Patience is how long something that should happen is waited for.
const Patience = 10 * time.Second

// Helper is a process of this program that plays a role in an experiment. It is
// spoken to in lines, over its stdin and stdout.
type Helper struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Command is a process that plays a role of this experiment, not started yet.
// What it says on stderr goes where the experiment's own goes.
func (t *Trial) Command(role string, args ...string) *exec.Cmd {
	return command(t.fact, t.Dir, role, args)
}

func command(fact, dir, role string, args []string) *exec.Cmd {
	cmd := exec.Command(program(), append([]string{Verb, fact, dir, role}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd
}

// Start starts a command and ends the experiment as incomplete when it can't.
func (t *Trial) Start(cmd *exec.Cmd) *Helper {
	in, err := cmd.StdinPipe()
	t.Must(err, "making a pipe")
	out, err := cmd.StdoutPipe()
	t.Must(err, "making a pipe")
	t.Must(cmd.Start(), "starting "+strings.Join(cmd.Args, " "))
	return &Helper{cmd, in, bufio.NewReader(out)}
}

// Part starts a role.
func (t *Trial) Part(role string, args ...string) *Helper { return t.Start(t.Command(role, args...)) }

// Line is the helper's next line, "" when there is none any more. It ends the
// experiment as incomplete when the helper could not do its part.
func (h *Helper) Line() string {
	line, err := h.out.ReadString('\n')
	if err != nil && line == "" {
		h.Wait()
		h.didItsPart()
	}
	return strings.TrimSuffix(line, "\n")
}

// Lines are the helper's further lines, until it ends.
func (h *Helper) Lines() <-chan string {
	lines := make(chan string, 64)
	go func() {
		defer close(lines)
		for {
			line, err := h.out.ReadString('\n')
			if err != nil {
				return
			}
			lines <- strings.TrimSuffix(line, "\n")
		}
	}()
	return lines
}

// Say sends the helper a line.
func (h *Helper) Say(line string) { io.WriteString(h.in, line+"\n") }

// End closes the helper's stdin, waits until it has ended, and gives its exit
// code, or minus the signal that ended it. It ends the experiment as incomplete
// when the helper could not do its part.
func (h *Helper) End() int {
	h.in.Close()
	h.Wait()
	h.didItsPart()
	return ended(h.ProcessState)
}

func (h *Helper) didItsPart() {
	if h.ProcessState != nil && ended(h.ProcessState) == exitUndone {
		panic(undone{"a process of the experiment could not do its part; see what it printed"})
	}
}

// Kill ends the helper.
func (h *Helper) Kill() {
	h.Process.Kill()
	h.in.Close()
	h.Wait()
}

// Part is a role's side of the conversation.
type Part struct {
	Dir  string
	Args []string
	fact string
	in   *bufio.Reader
}

// Command is a process that plays another role of the experiment.
func (p *Part) Command(role string, args ...string) *exec.Cmd {
	return command(p.fact, p.Dir, role, args)
}

// Say sends the experiment a line.
func (p *Part) Say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// Await waits for a line, and reports false when the experiment has ended.
func (p *Part) Await() (string, bool) {
	line, err := p.in.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err == nil
}

// Must ends the role with a message when err is not nil.
func (p *Part) Must(err error, doing string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", doing, err)
		os.Exit(exitUndone)
	}
}

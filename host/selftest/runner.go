package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/internal/facts"
)

// Runner runs experiments, one process each.
type Runner struct {
	// Command is this program with arguments; nil is [Program].
	Command func(args ...string) *exec.Cmd
	// TempDir is where the experiments' directories are made; "" is the system's.
	TempDir string
}

// What an experiment's process may produce.
const (
	maxVerdict = 64 << 10
	maxOutput  = 4 << 20
	keepOutput = 4 << 10
)

// lingering is how long a dead experiment's pipes are read when something it
// started holds them open.
const lingering = time.Second

// Why an experiment was ended before it came to a verdict.
var (
	errHung    = errors.New("hung")
	errFlooded = errors.New("flooded")
)

// Try runs the experiment about a fact and never fails itself: whatever becomes
// of the process is in the result. e may be nil.
func (r *Runner) Try(ctx context.Context, f facts.Fact, e *Experiment) Result {
	res := Result{Fact: f.ID, Claim: f.Claim, Source: f.Source, Status: string(f.Status), Breaks: f.Breaks, Ended: NotRun}
	switch {
	case e == nil:
		res.Verdict = Undone("there is no experiment about it")
		return res
	case e.Run == nil:
		res.Verdict = NotHere("can only be read: %s", e.OnlyRead)
		return res
	case ctx.Err() != nil:
		res.Ended, res.Verdict = Interrupted, Undone("interrupted")
		return res
	}
	dir, err := os.MkdirTemp(r.TempDir, "hr.self.")
	if err != nil {
		res.Verdict = Undone("making a directory: %v", err)
		return res
	}
	defer os.RemoveAll(dir)
	start := time.Now()
	r.run(ctx, e, dir, &res)
	res.Micros = time.Since(start).Microseconds()
	return res
}

// ticks are in a deadline. A ticker drops those that nobody took in time, so that
// a virtual machine which stood still, for all of the deadline perhaps, loses one.
const ticks = 20

// countDown calls over after so many ticks, unless ctx is done before.
func countDown(ctx context.Context, tick <-chan time.Time, over func()) {
	for range ticks {
		select {
		case <-tick:
		case <-ctx.Done():
			return
		}
	}
	over()
}

// run starts the process and reads what comes of it into res.
func (r *Runner) run(ctx context.Context, e *Experiment, dir string, res *Result) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	tick := time.NewTicker(e.deadline() / ticks)
	defer tick.Stop()
	go countDown(ctx, tick.C, func() { stop(errHung) })

	out := &tail{limit: maxOutput, keep: keepOutput, over: func() { stop(errFlooded) }}
	p, err := r.start(ctx, []string{Verb, e.Fact, dir}, out)
	if err != nil {
		res.Verdict = Undone("starting the experiment: %v", err)
		return
	}
	text, err := io.ReadAll(io.LimitReader(p.verdict, maxVerdict+1))
	if len(text) > maxVerdict {
		stop(errFlooded)
	}
	waited := p.wait()
	res.Ended, res.Verdict = judge(context.Cause(ctx), e.deadline(), waited, text, err)
	if res.Outcome != Pass {
		res.Output = out.String()
	}
}

// process is an experiment's process, in a session of its own.
type process struct {
	cmd     *exec.Cmd
	verdict *os.File
	life    io.Closer // its stdin
}

func (r *Runner) start(ctx context.Context, args []string, out io.Writer) (*process, error) {
	command := r.Command
	if command == nil {
		command = Program
	}
	made := command(args...)
	cmd := exec.CommandContext(ctx, made.Path, made.Args[1:]...)
	cmd.Args, cmd.Dir = made.Args, args[2]
	if cmd.Env = made.Env; cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = lingering
	verdict, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd.ExtraFiles = []*os.File{theirs}
	life, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		verdict.Close()
		return nil, err
	}
	// What it started may hold the pipe's other end: then the deadline ends it.
	context.AfterFunc(ctx, func() { verdict.SetReadDeadline(time.Now().Add(lingering)) })
	return &process{cmd, verdict, life}, nil
}

// wait ends what the process left in its session, when it has ended itself.
func (p *process) wait() error {
	err := p.cmd.Wait()
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	p.life.Close()
	p.verdict.Close()
	return err
}

// judge reads how an experiment ended: cut says that it was cut short and why,
// waited how its process ended, text what it said.
func judge(cut error, deadline time.Duration, waited error, text []byte, read error) (Ended, Verdict) {
	switch {
	case errors.Is(cut, errHung):
		return Hung, Refuted("the experiment had not ended after %s and was killed", deadline)
	case errors.Is(cut, errFlooded):
		return Flooded, Refuted("the experiment wrote more than %d bytes, or a verdict of more than %d, and was killed", maxOutput, maxVerdict)
	case cut != nil:
		return Interrupted, Undone("interrupted")
	}
	var ee *exec.ExitError
	if errors.As(waited, &ee) {
		return Crashed, Refuted("the experiment's process ended with %s", howEnded(ee.ProcessState))
	}
	var v Verdict
	if err := errors.Join(read, json.Unmarshal(text, &v)); err != nil {
		return Crashed, Refuted("the experiment ended without a verdict: %v", err)
	}
	switch v.Outcome {
	case Pass, Fail, NotApplicable, Incomplete:
		return Returned, v
	}
	return Crashed, Refuted("the experiment's verdict has the outcome %q", v.Outcome)
}

func howEnded(st *os.ProcessState) string {
	code := ended(st)
	if code < 0 {
		return fmt.Sprintf("signal %d (%v)", -code, syscall.Signal(-code))
	}
	return fmt.Sprintf("exit status %d", code)
}

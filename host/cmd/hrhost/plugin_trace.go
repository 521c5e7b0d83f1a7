package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/internal/wire"
)

// tracer prints what a process goes through. With --json it prints to stderr,
// where --debug always does.
type tracer struct {
	mu    sync.Mutex
	out   io.Writer
	err   io.Writer
	flags pluginRunFlags
	begun time.Time
	aside int // mediated calls outside every attempt
}

func newTracer(u *ui, f pluginRunFlags) *tracer {
	t := &tracer{out: u.out, err: u.err, flags: f, begun: time.Now()}
	if u.json {
		t.out = u.err
	}
	if u.quiet {
		t.out = io.Discard
	}
	return t
}

func (t *tracer) trace() *probing.Trace {
	trace := &probing.Trace{Step: t.step, Event: t.event, Witness: t.witness}
	if t.flags.pause {
		trace.Hold = t.hold
	}
	if t.flags.debug {
		say := t.debug("rpc")
		trace.Call = func(line string) { fmt.Fprintln(say, line) }
	}
	return trace
}

// say prints a line: milliseconds since the beginning, who speaks, what.
func (t *tracer) say(who, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line(t.out, who, fmt.Sprintf(format, args...))
}

func (t *tracer) line(w io.Writer, who, what string) {
	fmt.Fprintf(w, "%8.1f ms  %-9s %s\n", float64(time.Since(t.begun).Microseconds())/1000, who, text.Terminal(what))
}

// step prints an arrow of the sequence with what is known by then.
func (t *tracer) step(name string, _ time.Duration, err error, r *probing.Report) {
	if name == "exit" {
		t.exit(r)
		return
	}
	if err != nil {
		t.say(name, "FAILED: %v", err)
		return
	}
	t.say(name, "%s", passed(name, r))
}

// passed is one line about a step that went well.
func passed(name string, r *probing.Report) string {
	switch name {
	case "open":
		return "private directory, life pipe, flight recorder, enforcement point"
	case "launch":
		return "hashed binary started, handshake done"
	case "describe":
		d := r.Description
		return fmt.Sprintf("family %s %s, protocol %s, %s, %s", d.Family, d.Version, d.ProtocolVersion, english.Count(len(d.Probes), "probe", "probes"), strings.Join(d.Capabilities, ", "))
	case "prepare":
		return prepared(r.Prepared)
	case "seal":
		return sealed(r)
	case "run":
		return fmt.Sprintf("Completed: planned %d, attempted %d, recorded %d", r.Completed.Planned, r.Completed.Attempted, r.Completed.Recorded)
	case "ask":
		return fmt.Sprintf("the live enforcement point was asked %d question(s)", len(r.Answers))
	}
	return "done"
}

func prepared(list []wire.PreparedTarget) string {
	var out []string
	for _, p := range list {
		text := fmt.Sprintf("%s %s @%s ready", p.Operation, p.Target, p.Arm)
		if !p.Ready {
			text = fmt.Sprintf("%s %s @%s not ready: %s", p.Operation, p.Target, p.Arm, p.Detail)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func sealed(r *probing.Report) string {
	text := fmt.Sprintf("in force, epoch %d", r.Epoch)
	if v := r.Seal; v != nil {
		var open []string
		for _, d := range v.Descriptors {
			open = append(open, fmt.Sprintf("%d %s", d.FD, d.Kind))
		}
		text += fmt.Sprintf("; the plugin (pid %d) sees %s, no_new_privs %t, open: %s", v.PID, v.Mechanism, v.NoNewPrivs, strings.Join(open, ", "))
	}
	return text
}

func (t *tracer) event(e wire.Event) {
	switch e := e.(type) {
	case wire.Intent:
		t.say("intent", "slot %d: %s, filter value %q", e.Slot, e.Carrier, e.FilterValue)
	case wire.StageEvent:
		t.say("stage", "slot %d: %s", e.Slot, e.Stage)
	case wire.Observation:
		t.say("observed", "slot %d: %s = %q", e.Slot, e.Name, e.Value)
	case wire.Diagnostic:
		t.say("says", "%s: %s %s", e.Severity, e.Summary, e.Detail)
	case wire.Outcome:
		t.outcome(e)
	}
}

func (t *tracer) outcome(o wire.Outcome) {
	if !o.Attempted {
		t.say("outcome", "slot %d: not attempted: %s", o.Slot, o.SkipReason)
		return
	}
	took := time.Duration(o.EndNS - o.StartNS)
	t.say("outcome", "slot %d: %s, effect %s, the call took %s", o.Slot, resultText(o.Result), o.Effect, took)
}

func resultText(r *wire.Result) string {
	switch {
	case r == nil:
		return "no result"
	case r.Native != nil:
		return fmt.Sprintf("%s %s (%d)", r.API, r.Native.Name, r.Native.Code)
	case r.Errno != nil && *r.Errno == 0:
		return fmt.Sprintf("%s returned %q", r.API, r.Value)
	case r.Errno != nil:
		zero := wire.ResultCode{Errno: r.Errno}
		return fmt.Sprintf("%s %s", r.API, codeName(zero))
	}
	return r.API + " " + r.Error
}

// witness prints what was asked in an attempt, and counts the rest.
func (t *tracer) witness(w *lane.WitnessRow) {
	if w.Slot < 0 {
		t.mu.Lock()
		t.aside++
		t.mu.Unlock()
		return
	}
	rule := ""
	if w.Rule != nil {
		rule = ", " + w.Rule.Named() + " " + w.Rule.Text
	}
	t.say("witness", "slot %d: %s %s %s by %s%s (%s)", w.Slot, w.Operation, w.Filter.Value, w.Verdict, w.By, rule, w.Syscall)
}

// exit prints how the process ended and what the flight recorder holds.
func (t *tracer) exit(r *probing.Report) {
	t.mu.Lock()
	aside := t.aside
	t.mu.Unlock()
	if aside > 0 {
		t.say("witness", "%d more mediated calls, outside every attempt", aside)
	}
	for _, a := range r.Attempts {
		t.say("recorder", "%s", slotText(a.Item.Slot, a.Slot))
	}
	if r.Exit != nil {
		t.say("exit", "pid %d: %s", r.PID, *r.Exit)
	}
}

func slotText(n int, s recorder.Slot) string {
	if s.Damage != "" {
		return fmt.Sprintf("slot %d cannot be believed: %s", n, s.Damage)
	}
	text := fmt.Sprintf("slot %d: %s", n, s.State)
	if s.State == recorder.Done {
		text += fmt.Sprintf(", errno %d, native %d, %d ns, value %q", s.Errno, s.Native, s.End-s.Start, s.Value)
	}
	return text
}

// hold prints the pid and waits for Enter.
func (t *tracer) hold(ctx context.Context, pid int) error {
	t.mu.Lock()
	t.line(t.err, "pause", fmt.Sprintf("pid %d is sealed, the attempt is next: attach a debugger (gdb -p %d); Enter goes on", pid, pid))
	t.mu.Unlock()
	enter := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(os.Stdin).ReadString('\n')
		enter <- err
	}()
	select {
	case <-enter: // the end of the input goes on, too
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// debug is stderr, with a name before each line.
func (t *tracer) debug(who string) io.Writer { return &prefixed{t: t, who: who} }

type prefixed struct {
	t    *tracer
	who  string
	rest string
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	p.rest += string(b)
	for {
		line, rest, whole := strings.Cut(p.rest, "\n")
		if !whole {
			return len(b), nil
		}
		p.t.line(p.t.err, p.who, line)
		p.rest = rest
	}
}

package selftest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/facts"
)

func init() { runtime.LockOSThread() }

// TestMain is also the program that the experiments of these tests run in.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Verb {
		os.Exit(Serve(rogues, os.Args[2:]))
	}
	os.Exit(m.Run())
}

// rogues are experiments that behave well, and badly in every way.
var rogues = []*Experiment{
	{Fact: "good.holds", Run: func(t *Trial) Verdict {
		fmt.Println("chatter")
		return Held("in %s", filepath.Base(t.Dir)[:8])
	}},
	{Fact: "good.refuted", Run: func(*Trial) Verdict {
		fmt.Println("a trace")
		return Check("unused", Finding{"answer", 41, 42}, Finding{"name", "x", "x"})
	}},
	{Fact: "good.not-here", Run: func(*Trial) Verdict { return NotHere("no such thing") }},
	{Fact: "good.undone", Run: func(t *Trial) Verdict {
		t.Must(os.ErrPermission, "opening it")
		return Held("not reached")
	}},
	{Fact: "good.read", OnlyRead: "nobody can look"},
	{Fact: "good.talks", Run: talk, Roles: map[string]func(*Part){"echo": func(p *Part) {
		for line, ok := p.Await(); ok; line, ok = p.Await() {
			p.Say("%s %s", p.Args[0], line)
		}
		os.Exit(7)
	}}},
	{Fact: "good.helper-undone", Run: func(t *Trial) Verdict { return Held("%s", t.Part("fail").Line()) },
		Roles: map[string]func(*Part){"fail": func(p *Part) { p.Must(os.ErrPermission, "opening it there") }}},
	{Fact: "bad.panics", Run: func(*Trial) Verdict { panic("at the disco") }},
	{Fact: "bad.killed", Run: func(*Trial) Verdict { syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }},
	{Fact: "bad.exits", Run: func(*Trial) Verdict { os.Exit(0); return Verdict{} }},
	{Fact: "bad.hangs", Deadline: 12 * time.Second, Run: func(*Trial) Verdict {
		fmt.Println("last words")
		select {}
	}},
	{Fact: "bad.lingers", Deadline: time.Minute, Run: linger, Roles: map[string]func(*Part){"stay": func(*Part) { select {} }}},
	{Fact: "bad.floods", Run: func(*Trial) Verdict {
		for {
			fmt.Println(strings.Repeat("flood ", 1000))
		}
	}},
	{Fact: "bad.floods-verdict", Run: func(*Trial) Verdict { return Held("%s", strings.Repeat("x", 1<<20)) }},
	{Fact: "bad.outcome", Run: func(*Trial) Verdict { return Verdict{"splendid", "x"} }},
	{Fact: "good.last", Run: func(*Trial) Verdict { return Held("still here") }},
}

func talk(t *Trial) Verdict {
	h := t.Part("echo", "hello")
	h.Say("world")
	line := h.Line()
	return Check(line, Finding{"line", line, "hello world"}, Finding{"exit", h.End(), 7})
}

// linger leaves a process behind that holds the output open.
func linger(t *Trial) Verdict {
	cmd := t.Command("stay")
	cmd.Stdout = os.Stdout
	t.Must(cmd.Start(), "starting")
	return Held("pid %d", cmd.Process.Pid)
}

func TestRogues(t *testing.T) {
	want := map[string]struct {
		outcome Outcome
		ended   Ended
		seen    string // part of it
		output  string // part of it
	}{
		"good.holds":         {Pass, Returned, "in hr.self.", ""},
		"good.refuted":       {Fail, Returned, "answer: 41, not 42", "a trace"},
		"good.not-here":      {NotApplicable, Returned, "no such thing", ""},
		"good.undone":        {Incomplete, Returned, "opening it: permission denied", ""},
		"good.helper-undone": {Incomplete, Returned, "could not do its part", "opening it there: permission denied"},
		"good.read":          {NotApplicable, NotRun, "can only be read: nobody can look", ""},
		"good.talks":         {Pass, Returned, "hello world", ""},
		"bad.panics":         {Fail, Crashed, "exit status 2", "panic: at the disco"},
		"bad.killed":         {Fail, Crashed, "signal 9 (killed)", ""},
		"bad.exits":          {Fail, Crashed, "without a verdict", ""},
		"bad.hangs":          {Fail, Hung, "after 12s", "last words"},
		"bad.lingers":        {Pass, Returned, "pid ", ""},
		"bad.floods":         {Fail, Flooded, "was killed", "flood flood"},
		"bad.floods-verdict": {Fail, Flooded, "was killed", ""},
		"bad.outcome":        {Fail, Crashed, `"splendid"`, ""},
		"good.last":          {Pass, Returned, "still here", ""},
	}
	r := &Runner{TempDir: t.TempDir()}
	var all []Result
	for _, e := range rogues {
		res := r.Try(context.Background(), facts.Fact{ID: e.Fact, Claim: "c"}, e)
		all = append(all, res)
		w := want[e.Fact]
		if res.Fact != e.Fact || res.Outcome != w.outcome || res.Ended != w.ended || !strings.Contains(res.Seen, w.seen) || !strings.Contains(res.Output, w.output) {
			t.Errorf("%s: %s %s %q\n%s", e.Fact, res.Outcome, res.Ended, res.Seen, res.Output)
		}
		if len(res.Output) > keepOutput {
			t.Errorf("%s: %d bytes of output kept", e.Fact, len(res.Output))
		}
	}
	if c := Count(all); c != (Counts{Pass: 4, Fail: 8, NotApplicable: 2, Incomplete: 2}) {
		t.Errorf("counted %s", c)
	}
	if left, _ := os.ReadDir(r.TempDir); len(left) != 0 {
		t.Errorf("directories were left: %v", left)
	}
	lingering := strings.TrimPrefix(all[11].Seen, "pid ")
	if !Eventually(Patience, func() bool { _, err := os.Stat("/proc/" + lingering); return err != nil }) && runtime.GOOS == "linux" {
		t.Errorf("process %s was left", lingering)
	}
}

// TestCountDown: what counts is how often the clock was seen to go on, and not how
// far, as when a machine has stood still.
func TestCountDown(t *testing.T) {
	tick, over := make(chan time.Time), make(chan bool)
	go countDown(t.Context(), tick, func() { close(over) })
	for i := range ticks {
		select {
		case <-over:
			t.Fatalf("over after %d ticks", i)
		case tick <- time.Now().Add(time.Hour):
		}
	}
	<-over
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	countDown(ctx, tick, func() { t.Error("over, though it has ended") })
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	hang := &Experiment{Fact: "bad.hangs", Run: func(*Trial) Verdict { return Verdict{} }}
	time.AfterFunc(100*time.Millisecond, cancel)
	r := &Runner{TempDir: t.TempDir()}
	if res := r.Try(ctx, facts.Fact{ID: "bad.hangs"}, hang); res.Outcome != Incomplete || res.Ended != Interrupted {
		t.Errorf("got %+v", res)
	}
	if res := r.Try(ctx, facts.Fact{ID: "good.holds"}, rogues[0]); res.Outcome != Incomplete || res.Ended != Interrupted {
		t.Errorf("after it: %+v", res)
	}
}

// TestCannotStart: what can't be carried out is neither a pass nor a failure.
func TestCannotStart(t *testing.T) {
	ctx := context.Background()
	none := func(...string) *exec.Cmd { return exec.Command("/no/such/program") }
	for name, r := range map[string]*Runner{
		"no program":   {Command: none, TempDir: t.TempDir()},
		"no directory": {TempDir: "/no/such/directory"},
	} {
		if res := r.Try(ctx, facts.Fact{ID: "good.holds"}, rogues[0]); res.Outcome != Incomplete || res.Seen == "" {
			t.Errorf("%s: %+v", name, res)
		}
	}
	if res := new(Runner).Try(ctx, facts.Fact{ID: "x.y"}, nil); res.Outcome != Incomplete {
		t.Errorf("no experiment: %+v", res)
	}
}

// TestAbandoned: an experiment ends when the one who waits for it is gone.
func TestAbandoned(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := Program(Verb, "bad.hangs", t.TempDir())
	cmd.ExtraFiles = []*os.File{w}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitAbandoned {
		t.Errorf("exit code %d", code)
	}
}

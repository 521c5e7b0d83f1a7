package clean

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write the golden files")

// TestMain is also every other program of these tests: the one that asks for a
// clean process, the clean process, launchctl, and what stands for launchd.
func TestMain(m *testing.M) {
	switch {
	case filepath.Base(os.Args[0]) == "launchctl":
		os.Exit(fakeLaunchctl(filepath.Dir(os.Args[0]), os.Args[1:]))
	case len(os.Args) == 3 && os.Args[1] == "mind":
		os.Exit(mind(os.Args[2]))
	case len(os.Args) > 3 && os.Args[1] == "hide":
		os.Exit(hide(strings.Split(os.Args[2], ":"), os.Args[3:]))
	case len(os.Args) == 2 && os.Args[1] == "worker":
		os.Exit(worker())
	case os.Getenv(envAsk) != "":
		os.Exit(ask(os.Getenv(envAsk)))
	}
	os.Exit(m.Run())
}

// patience is for a machine that is very busy. No test waits so long to pass.
const patience = 2 * time.Minute

// envAsk names the file with an asking: this binary then is hrhost.
const envAsk = "HRHOST_TEST_ASK"

// asking is what the asking program does.
type asking struct {
	Launchctl  string        // "" for a child
	Program    string        // instead of this binary
	Parent     string        // of the staged root
	Task       task          // the payload
	Files      []string      // of the request
	Out        string        // of the request
	Start      time.Duration // time limits
	Stop       time.Duration
	Settle     time.Duration // of launchd
	Answer     time.Duration
	MaxOutput  int64
	Logs       string
	Log        string // log(1)
	Sandboxed  string // what sandbox_check says: yes, no or its error
	Quarantine bool
	Tmpfs      string // size of a file system of its own at Parent
}

// backend is launchd with the asking's launchctl, or the one of this system.
func (a *asking) backend() backend {
	if a.Launchctl == "" {
		b, err := newBackend()
		if err != nil {
			panic(err)
		}
		return b
	}
	program, err := os.Executable()
	if err != nil {
		panic(err)
	}
	if a.Program != "" {
		program = a.Program
	}
	l := newLaunchd(a.Launchctl, program)
	l.log, l.settle, l.answer = a.Log, a.Settle, a.Answer
	l.quarantined = func(string) bool { return a.Quarantine }
	l.confined = func() (bool, error) {
		if a.Sandboxed == "yes" || a.Sandboxed == "no" {
			return a.Sandboxed == "yes", nil
		}
		return false, errors.New(a.Sandboxed)
	}
	if a.MaxOutput != 0 {
		l.maxOutput = a.MaxOutput
	}
	return l
}

// answer is what came of it.
type answer struct {
	Code   int
	Kind   Kind
	Error  string
	Hints  []string
	States []state
	Left   []string // in Parent
}

// ask runs one request and leaves the answer in a file beside the asking.
func ask(file string) int {
	runtime.LockOSThread()
	var a asking
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 9
	}
	if a.Tmpfs != "" {
		if err := ownTmpfs(a.Parent, a.Tmpfs); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 9
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var got answer
	s := &supervisor{backend: a.backend(), parent: a.Parent, start: a.Start, stop: a.Stop, enter: func(s state) {
		got.States = append(got.States, s)
		os.WriteFile(file+".state", []byte(s), 0o600)
	}}
	got.Code, err = s.run(ctx, Request{Verb: "worker", Payload: a.Task, Files: a.Files, Out: a.Out, Logs: a.Logs})
	var f *Failure
	if errors.As(err, &f) {
		got.Kind, got.Hints = f.Kind, f.Hints()
	}
	if err != nil {
		got.Error = err.Error()
	}
	got.Left, _ = filepath.Glob(filepath.Join(a.Parent, "*"))
	b, _ = json.Marshal(got)
	os.WriteFile(file+".answer", b, 0o600)
	return 0
}

// task is what the clean process does in these tests.
type task struct {
	Act  string
	Note string // a file that it leaves, with its pid, when it is done
	Read string // a file of its asker's
}

// worker is the clean process.
func worker() int {
	parentDir = filepath.Dir(os.Getenv(envStage))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var t task
	stage, err := Receive(&t)
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 2
	}
	defer stage.Close()
	if t.Act == "deaf" { // before anybody interrupts: a signal that comes in the middle of this would be lost
		stop()
	}
	fmt.Println("worker is here")
	os.WriteFile(t.Note+".pid", fmt.Append(nil, os.Getpid()), 0o600)
	code := t.do(ctx, stage)
	os.WriteFile(t.Note, nil, 0o600)
	return code
}

func (t *task) do(ctx context.Context, stage *Stage) int {
	root := filepath.Dir(stage.Dir)
	shell := os.Getppid()
	switch t.Act {
	case "report": // what it was started with
		json.NewEncoder(os.Stdout).Encode(map[string]any{"env": os.Environ(), "wd": wd(), "fds": descriptors(), "stage": stage.Dir, "exe": exe()})
	case "read":
		b, err := os.ReadFile(stage.Staged(t.Read))
		fmt.Println(stage.Staged(t.Read), string(b), err)
	case "result": // as a bundle is written
		fmt.Println(stage.Final(t.result(stage, "r1")))
	case "partial": // and as one is left
		t.result(stage, "r2.partial")
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "fail":
		return 3
	case "early": // has printed, and is not done until the test says so
		for ctx.Err() == nil {
			if _, err := os.Stat(t.Note + ".go"); err == nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		fmt.Fprintln(os.Stderr, "a warning")
		fmt.Println("done")
		return 1
	case "panic":
		panic("a defect")
	case "segv":
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "half": // its shell is gone in the middle of writing the status
		os.WriteFile(filepath.Join(root, fileStatus+".part"), nil, 0o600)
		syscall.Kill(shell, syscall.SIGKILL)
	case "garbage":
		os.WriteFile(filepath.Join(root, fileStatus), []byte("0 or so"), 0o600)
		syscall.Kill(shell, syscall.SIGKILL)
	case "tidy": // until it is told to stop
		<-ctx.Done()
		fmt.Println("tidied up")
		t.result(stage, "r3.partial")
		return 3
	case "deaf": // does not listen yet when it is told to stop
		select {}
	case "hang": // whatever it is told
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		select {}
	case "flood":
		line := strings.Repeat("x", 1<<16)
		for ctx.Err() == nil {
			fmt.Println(line)
		}
	case "fill":
		return fill(root)
	}
	return 0
}

// result writes a run's directory, and the links to it.
func (t *task) result(stage *Stage, name string) (dir string) {
	out := stage.Results()
	if out == "" {
		return ""
	}
	dir = filepath.Join(out, "runs", name)
	os.MkdirAll(filepath.Join(dir, "logs"), 0o755)
	os.WriteFile(filepath.Join(dir, "logs", "x.log"), []byte(name), 0o644)
	if !strings.HasSuffix(name, ".partial") {
		os.Symlink("runs/"+name, filepath.Join(out, "LATEST"))
		os.Symlink("LATEST/summary.md", filepath.Join(out, "summary.md"))
	}
	return dir
}

func exe() string {
	p, _ := os.Executable()
	return p
}

// fill writes until the file system is full, where nobody but the asker tidies up.
func fill(dir string) int {
	f, err := os.Create(filepath.Join(dir, "much"))
	for err == nil {
		_, err = f.Write(make([]byte, 1<<12))
	}
	for b := []byte{1}; ; { // to the last byte, so that not even a status fits
		if _, err := f.Write(b); err != nil {
			return 3
		}
	}
}

func wd() string {
	d, _ := os.Getwd()
	return d
}

// descriptors are those that a process started from here would get.
func descriptors() []string {
	var open []string
	for fd := range uintptr(64) {
		if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			open = append(open, fmt.Sprint(fd))
		}
	}
	return open
}

package clean

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
)

// Channel is the name of this channel in a manifest.
const Channel = "launchd_clean"

// Files of the staged root.
const (
	fileRequest = "request.json"
	filePlist   = "job.plist"
	fileStdout  = "stdout"
	fileStderr  = "stderr"
	fileStatus  = "status"
)

// Spawn has launchd run the request and returns the worker's exit code. What the
// worker prints is passed on while it runs. The job and the staged root are
// removed afterwards, whatever happened.
func Spawn(ctx context.Context, req Request) (int, error) {
	payload, err := json.Marshal(req.Payload)
	if err != nil {
		return 0, err
	}
	stage, err := NewStage()
	if err != nil {
		return 0, err
	}
	defer stage.Close()
	if err := os.WriteFile(filepath.Join(stage.Dir, fileRequest), payload, 0o600); err != nil {
		return 0, fmt.Errorf("writing the request: %w", err)
	}
	j, err := newJob(stage.Dir, req.Verb)
	if err != nil {
		return 0, err
	}
	gui := exec.Command("/bin/launchctl", "print", domain(os.Getuid(), true)).Run() == nil
	j.Background = !gui
	in := domain(os.Getuid(), gui)
	path := filepath.Join(stage.Dir, filePlist)
	if err := os.WriteFile(path, []byte(j.plist()), 0o600); err != nil {
		return 0, fmt.Errorf("writing the job: %w", err)
	}
	if out, err := exec.Command("/bin/launchctl", "bootstrap", in, path).CombinedOutput(); err != nil {
		sandboxed, _ := darwin.SelfSandboxed()
		text := strings.TrimSpace(string(out))
		return 0, fmt.Errorf("starting the clean process in %s: %w: %s %s", in, err, text, explainBootstrap(text, sandboxed))
	}
	defer exec.Command("/bin/launchctl", "bootout", in+"/"+j.Label).Run()
	// A signal to the job would reach its shell. The worker stops when the lock
	// is free, whoever frees it.
	defer context.AfterFunc(ctx, func() { stage.lock.Close() })()
	return j.follow(ctx)
}

func newJob(stage, verb string) (*job, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	j := &job{
		Label: "org.hrhost." + filepath.Base(stage), Program: exe, Verb: verb, Dir: wd, Env: map[string]string{},
		Stdout: filepath.Join(stage, fileStdout), Stderr: filepath.Join(stage, fileStderr), Result: filepath.Join(stage, fileStatus),
	}
	for _, e := range environment(stage, wd) {
		k, v, _ := strings.Cut(e, "=")
		j.Env[k] = v
	}
	return j, nil
}

// pollTime is between two looks at the job's files.
const pollTime = 50 * time.Millisecond

// follow passes on what the worker prints until it has ended. A job that was
// told to stop is given a while to say so.
func (j *job) follow(ctx context.Context) (int, error) {
	out, errs := &tail{path: j.Stdout, to: os.Stdout}, &tail{path: j.Stderr, to: os.Stderr}
	var deadline <-chan time.Time
	cancelled := ctx.Done()
	for {
		text, err := os.ReadFile(j.Result)
		out.pass()
		errs.pass()
		if err == nil {
			if code, ok := status(string(text)); ok {
				return code, nil
			}
			return 0, fmt.Errorf("the clean process left %q as its status", text)
		}
		select {
		case <-time.After(pollTime):
		case <-cancelled:
			cancelled, deadline = nil, time.After(10*Grace)
		case <-deadline:
			return 0, errors.New("the clean process did not stop when it was told to")
		}
	}
}

// tail passes a growing file on.
type tail struct {
	path string
	to   io.Writer
	file *os.File
}

func (t *tail) pass() {
	if t.file == nil {
		var err error
		if t.file, err = os.Open(t.path); err != nil {
			return
		}
	}
	io.Copy(t.to, t.file)
}

// Receive reads the request in the clean process and returns the staged root,
// which the caller closes when it is done. The process ends when the one that
// asked for it does: that one holds the root's lock.
func Receive(payload any) (*Stage, error) {
	stage := filepath.Clean(os.Getenv(envStage))
	f, err := os.Open(filepath.Join(stage, fileRequest))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	defer f.Close()
	dir, err := receive(f, payload)
	if err != nil {
		return nil, err
	}
	lock, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the staged root: %w", err)
	}
	// Its own root is one below: the job's files outlive it.
	work := filepath.Join(dir, "w")
	if err := os.Mkdir(work, 0o700); err != nil {
		return nil, fmt.Errorf("making the staged root: %w", err)
	}
	go func() {
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX) == nil {
			self, _ := os.FindProcess(os.Getpid())
			self.Signal(unix.SIGTERM) // as on Linux: the worker tidies up
		}
	}()
	return &Stage{Dir: work, lock: lock}, nil
}

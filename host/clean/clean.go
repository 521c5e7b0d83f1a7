// Package clean starts the process that does a run's work: fresh, from a staged
// root of its own, with an environment of a few named variables, with no
// inherited descriptors but the standard streams, and checked by itself for an
// outer sandbox (package world).
//
// On Linux the channel is called spawn_clean. It is what launchd_clean is on
// macOS: whatever a shell, an editor or an agent put around hrhost does not
// reach the probes unseen.
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
	"syscall"
	"time"
)

// Channel is the name of this channel in a manifest.
const Channel = "spawn_clean"

// keep are the only variables that the clean process gets.
var keep = []string{"PATH", "HOME", "LANG", "TERM", "NO_COLOR", "TZ",
	"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"} // for [run] bus = "user"; no plugin gets them

// Request is what the clean process is to do.
type Request struct {
	Verb    string // a verb of our own program
	Payload any    // JSON, over a pipe
}

// Descriptors of the clean process: the request, and the staged root's lock.
const (
	fdRequest = 3
	fdLock    = 4
)

// Grace is how long the clean process may take to tidy up after it was told to
// stop, by us or by our death.
const Grace = 700 * time.Millisecond

// Ended is a clean process that did not exit by itself.
type Ended struct{ State *os.ProcessState }

func (e *Ended) Error() string { return "the process that did the run was ended: " + e.State.String() }

// Spawn runs the request in a clean process and returns its exit code. The
// staged root is removed afterwards, whatever happened, and whatever processes
// a killed worker left are ended. The calling thread must live as long as the
// process: the worker is told to stop when it ends.
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
	defer adopt()()
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	wd, _ := os.Getwd()
	cmd := exec.Command("/proc/self/exe", req.Verb)
	cmd.Args[0] = os.Args[0]
	cmd.Dir, cmd.Env = wd, environment(stage.Dir, wd)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, []*os.File{r, stage.lock}
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		w.Close()
		return 0, fmt.Errorf("starting the clean process: %w", err)
	}
	_, werr := w.Write(payload)
	w.Close()
	stop := context.AfterFunc(ctx, func() { cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	err = cmd.Wait()
	var ee *exec.ExitError
	switch {
	case errors.As(err, &ee) && ee.ExitCode() < 0:
		return 0, &Ended{ee.ProcessState}
	case errors.As(err, &ee):
		return ee.ExitCode(), nil
	case err != nil:
		return 0, fmt.Errorf("waiting for the clean process: %w", err)
	}
	return 0, werr
}

func environment(stage, wd string) []string {
	env := []string{"HRHOST_STAGE=" + stage, "HRHOST_SHOWN_FROM=" + wd, "TMPDIR=" + stage}
	for _, k := range keep {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

// Receive reads the request in the clean process and returns the staged root,
// which the caller closes when it is done.
func Receive(payload any) (*Stage, error) {
	f := os.NewFile(fdRequest, "request")
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err == nil {
		err = json.Unmarshal(b, payload)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	dir := filepath.Clean(os.Getenv("HRHOST_STAGE"))
	if !strings.HasPrefix(dir, filepath.Join(stageParent(), stagePrefix)) {
		return nil, errors.New("not started by hrhost: there is no staged root")
	}
	syscall.CloseOnExec(fdLock)
	return &Stage{Dir: dir, lock: os.NewFile(fdLock, dir)}, nil
}

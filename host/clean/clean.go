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

// fdRequest is the descriptor the request comes on.
const fdRequest = 3

// Spawn runs the request in a clean process and returns its exit code. The
// staged root is removed afterwards, whatever happened. The calling thread must
// live as long as the process: the worker dies with it.
func Spawn(ctx context.Context, req Request) (int, error) {
	payload, err := json.Marshal(req.Payload)
	if err != nil {
		return 0, err
	}
	stage, err := os.MkdirTemp(stageParent(), "hrhost.")
	if err != nil {
		return 0, fmt.Errorf("making the staged root: %w", err)
	}
	defer os.RemoveAll(stage)
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	wd, _ := os.Getwd()
	cmd := exec.Command("/proc/self/exe", req.Verb)
	cmd.Args[0] = os.Args[0]
	cmd.Dir, cmd.Env = wd, environment(stage, wd)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, []*os.File{r}
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
		return 0, fmt.Errorf("the clean process was ended: %s", ee)
	case errors.As(err, &ee):
		return ee.ExitCode(), nil
	case err != nil:
		return 0, fmt.Errorf("waiting for the clean process: %w", err)
	}
	return 0, werr
}

// stageParent is short, because sockets live below it, and not the user's
// TMPDIR, which a shell may have set to anything.
func stageParent() string { return "/tmp" }

func environment(stage, wd string) []string {
	env := []string{"HRHOST_STAGE=" + stage, "HRHOST_SHOWN_FROM=" + wd, "TMPDIR=" + stage}
	for _, k := range keep {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

// Receive reads the request in the clean process and returns the staged root.
func Receive(payload any) (stage string, err error) {
	f := os.NewFile(fdRequest, "request")
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err == nil {
		err = json.Unmarshal(b, payload)
	}
	if err != nil {
		return "", fmt.Errorf("reading the request: %w", err)
	}
	stage = filepath.Clean(os.Getenv("HRHOST_STAGE"))
	if !strings.HasPrefix(stage, stageParent()+"/") {
		return "", errors.New("not started by hrhost: there is no staged root")
	}
	return stage, nil
}

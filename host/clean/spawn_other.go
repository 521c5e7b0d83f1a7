//go:build !darwin

package clean

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// Channel is the name of this channel in a manifest.
const Channel = "spawn_clean"

// Descriptors of the clean process: the request, and the staged root's lock.
const (
	fdRequest = 3
	fdLock    = 4
)

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

// Receive reads the request in the clean process and returns the staged root,
// which the caller closes when it is done.
func Receive(payload any) (*Stage, error) {
	f := os.NewFile(fdRequest, "request")
	defer f.Close()
	dir, err := receive(f, payload)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fdLock)
	return &Stage{Dir: dir, lock: os.NewFile(fdLock, dir)}, nil
}

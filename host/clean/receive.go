package clean

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Descriptors of a child: the request, and the staged root's lock.
const (
	fdRequest = 3
	fdLock    = 4
)

// Receive reads the request in the clean process and returns the staged root,
// which the caller closes when it is done. The process is told to stop (SIGTERM)
// when the one that asked for it is gone, or withdraws the request.
func Receive(payload any) (*Stage, error) {
	// A crash shall end the process by a signal: exit code 2 has a meaning.
	debug.SetTraceback("crash")
	dir := filepath.Clean(os.Getenv(envStage))
	if filepath.Dir(dir) != parentDir || !strings.HasPrefix(filepath.Base(dir), stagePrefix) {
		return nil, errors.New("not started by hrhost: there is no staged root")
	}
	if path := os.Getenv(envRequest); path != "" {
		return receiveJob(dir, path, payload)
	}
	f := os.NewFile(fdRequest, "request")
	defer f.Close()
	e, err := decode(f, payload)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fdLock)
	return &Stage{Dir: dir, lock: os.NewFile(fdLock, dir), out: e.Out}, nil
}

// receiveJob is Receive of a launchd job: all comes in files of the root dir.
func receiveJob(dir, path string, payload any) (*Stage, error) {
	showLife()
	onlyKept()
	request, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	e, err := decode(request, payload)
	if err != nil {
		return nil, err
	}
	if err := enter(e.Dir, os.Chdir); err != nil {
		return nil, err
	}
	// Its own root is one below: the job's files outlive it.
	s := &Stage{Dir: filepath.Join(dir, dirWork), above: dir, staged: e.Staged, out: e.Out}
	if err := errors.Join(os.Mkdir(s.Dir, 0o700), os.Mkdir(filepath.Join(dir, dirResults), 0o700)); err != nil {
		return nil, stageFailure(err)
	}
	go s.heed(request)
	return s, nil
}

func decode(from io.Reader, payload any) (envelope, error) {
	var e envelope
	b, err := io.ReadAll(io.LimitReader(from, maxRequest+1))
	if err == nil {
		err = json.Unmarshal(b, &e)
	}
	if err == nil {
		err = json.Unmarshal(e.Payload, payload)
	}
	if err != nil {
		return e, fmt.Errorf("reading the request: %w", err)
	}
	return e, nil
}

// showLife says over the life FIFO that hrhost runs, and keeps the FIFO from
// what it starts.
func showLife() {
	unix.CloseOnExec(fdLife)
	unix.Write(fdLife, fmt.Appendf(nil, "worker %d\n", os.Getpid()))
}

// onlyKept removes the variables that launchd gives every job of the user.
func onlyKept() {
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !slices.Contains(keep, name) && !slices.Contains([]string{envStage, envShown, envRequest, envTemp}, name) {
			os.Unsetenv(name)
		}
	}
}

// enter goes to the asker's working directory. macOS may refuse a launchd job
// what it keeps from programs that nobody has allowed it. fact:launch.privacy
func enter(dir string, chdir func(string) error) error {
	err := chdir(dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return &Failure{Kind: Protected, Cause: err.Error()}
	case err != nil:
		return fmt.Errorf("entering the working directory: %w", err)
	}
	return nil
}

// heed waits until the request is withdrawn: its asker holds a lock on it as long
// as it lives and wants the run. When the asker is gone altogether the root is
// ours, and a later run must not take it for left.
func (s *Stage) heed(request *os.File) {
	for {
		err := unix.Flock(int(request.Fd()), unix.LOCK_EX)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
	info, err := request.Stat()
	s.mu.Lock()
	s.orphaned = err != nil || info.Mode().Perm() != modeWithdrawn
	s.takeOver()
	s.mu.Unlock()
	syscall.Kill(os.Getpid(), syscall.SIGTERM) // as on Linux: the worker tidies up
}

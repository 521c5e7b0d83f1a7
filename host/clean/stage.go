package clean

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Stage is a run's temporary root: every private directory of its plugins is
// below it. It is locked as long as a process of the run lives, so that what a
// killed run left can be told from what is in use.
type Stage struct {
	Dir  string
	lock *os.File // the directory itself, under flock(2)
}

const stagePrefix = "hrhost."

// stageParent is short, because sockets live below it, and not the user's
// TMPDIR, which a shell may have set to anything. It is no symbolic link, which
// /tmp is on macOS.
func stageParent() string {
	if runtime.GOOS == "darwin" {
		return "/private/tmp"
	}
	return "/tmp"
}

// NewStage makes a staged root, after removing those of our own user that no
// process holds any more.
func NewStage() (*Stage, error) {
	sweep(stageParent())
	dir, err := os.MkdirTemp(stageParent(), stagePrefix)
	if err != nil {
		return nil, fmt.Errorf("making the staged root: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("locking the staged root: %w", err)
	}
	return &Stage{Dir: dir, lock: lock}, nil
}

// Close removes the root and all in it. It may be called by each process of the
// run.
func (s *Stage) Close() error {
	err := os.RemoveAll(s.Dir)
	s.lock.Close()
	return err
}

// errInUse says that somebody else holds a directory.
var errInUse = errors.New("in use")

// lockDir locks a directory of our own. No symbolic link is followed, and the
// directory that is locked is the one that has the name.
func lockDir(dir string) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), dir)
	if err := ownLocked(f, dir); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func ownLocked(f *os.File, dir string) error {
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return errInUse
	}
	held, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !os.SameFile(held, named):
		return errInUse // it is another one by now
	case int(held.Sys().(*syscall.Stat_t).Uid) != os.Getuid():
		return errors.New("not ours")
	}
	return nil
}

// minAge keeps the sweep away from a root that is made but not yet locked.
const minAge = time.Minute

// sweep removes what killed runs left in parent.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), stagePrefix) || !e.IsDir() {
			continue
		}
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < minAge {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		if f, err := lockDir(dir); err == nil {
			os.RemoveAll(dir)
			f.Close()
		}
	}
}

package clean

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Stage is a run's temporary root: every private directory of its plugins is
// below it. It is locked as long as a process of the run lives, so that what a
// killed run left can be told from what is in use.
type Stage struct {
	Dir      string
	mu       sync.Mutex
	orphaned bool     // of a job: its asker was killed
	lock     *os.File // Dir itself, under flock(2). Of a job: above, nil while its asker holds it
	above    string   // of a job: the root that its asker made, and Dir is in; "" otherwise
	kept     bool     // the root has results that could not be moved

	staged map[string]string // of a job: where the copies of files are
	out    string            // of a job: where what is in Results will be
}

const stagePrefix = "hrhost."

// dyingTime is far more than the kernel takes to close what a killed process held.
const dyingTime = 10 * time.Second

// parentDir is short, because sockets live below it, and not the user's TMPDIR,
// which a shell may have set to anything. It is no symbolic link, which /tmp is
// on macOS, and no privacy rule of macOS is about it. It changes in tests only.
//
// On Linux it is where few others put anything: each entry beside the root costs
// a rule at each launch, and a plugin cannot list the directory, nor read what is
// made right there during a run (package launch, Fence). Probes look at /tmp.
var parentDir = firstUsable(map[bool][]string{false: {"/var/tmp", "/tmp"}, true: {"/private/tmp"}}[runtime.GOOS == "darwin"])

// firstUsable is the first real directory that may be written, or the last.
func firstUsable(dirs []string) string {
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && unix.Access(dir, unix.W_OK|unix.X_OK) == nil {
			return dir
		}
	}
	return dirs[len(dirs)-1]
}

// Roots are the staged roots that there are now, of whatever run.
func Roots() []string {
	roots, _ := filepath.Glob(filepath.Join(parentDir, stagePrefix+"*"))
	return roots
}

// minFree is how much room a run needs at the start, in bytes. What it puts there
// is bounded: a request, a job's output (maxOutput), and what its plugins write
// under their limits.
const minFree = 16 << 20

// NewStage makes a staged root, after removing those of our own user that no
// process holds any more.
func NewStage() (*Stage, error) { return newStage(parentDir, forgetJob) }

// newStage has forget called for each root that it removes, before it does.
func newStage(parent string, forget func(stage string)) (*Stage, error) {
	sweep(parent, forget)
	if free, ok := room(parent); ok && free < minFree {
		return nil, &Failure{Kind: StageFull, Cause: fmt.Sprintf("%d KiB are free in %s, and a run needs %d", free>>10, parent, minFree>>10)}
	}
	dir, err := os.MkdirTemp(parent, stagePrefix)
	if err != nil {
		return nil, stageFailure(err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, stageFailure(fmt.Errorf("locking %s: %w", dir, err))
	}
	return &Stage{Dir: dir, lock: lock}, nil
}

// stageFailure is what a failed write to a staged root means.
func stageFailure(err error) *Failure {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &Failure{Kind: StageFull, Cause: err.Error()}
	}
	return &Failure{Kind: NoStage, Cause: err.Error()}
}

// room is how many bytes an ordinary user may still write in a directory.
func room(dir string) (free uint64, ok bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}

// Close removes the root and all in it, unless it is kept. It may be called by
// each process of the run, and more than once. A job whose asker is gone removes
// the whole of its root: nobody else will.
func (s *Stage) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.above != "" || !s.kept {
		err = removeAll(s.Dir)
	}
	if s.above != "" {
		s.takeOver()
		// An asker that is just dying gives up the request before the root.
		for end := time.Now().Add(dyingTime); s.orphaned && s.lock == nil && time.Now().Before(end); s.takeOver() {
			time.Sleep(5 * time.Millisecond)
		}
		if s.lock != nil && !s.kept { // nobody else moves the results any more, or may want them
			if deliver(filepath.Join(s.above, dirResults), s.out) != nil {
				s.keep() // where macOS does not let a job write, and nobody is left to tell
			} else {
				err = errors.Join(err, removeAll(s.above))
			}
		}
	}
	if s.lock != nil {
		s.lock.Close()
	}
	return err
}

// takeOver holds the root above when nobody else does any more. mu is held.
func (s *Stage) takeOver() {
	if s.lock == nil {
		s.lock, _ = lockDir(s.above)
	}
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

// sweep removes what killed runs left in parent, and moves a job's results that
// nobody was left to move.
func sweep(parent string, forget func(stage string)) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), stagePrefix) || !e.IsDir() {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < minAge {
			continue
		}
		f, err := lockDir(dir)
		if err != nil {
			continue
		}
		s := &Stage{Dir: dir, lock: f, kept: isKept(dir)} // asked under the lock
		if !s.kept {
			forget(dir)
			if out := wanted(dir); out != "" && deliver(filepath.Join(dir, dirResults), out) != nil {
				s.keep()
			}
		}
		s.Close()
	}
}

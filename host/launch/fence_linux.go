package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// fence is what processes may read: everything but what is below some
// directories. Landlock has no word for that: a rule counts for all that is below
// its object, and none takes anything away. So there is a rule for each neighbour
// of the way from / to a fenced directory, and none for the way itself.
//
// What this costs: a directory on the way cannot be listed, and what is made
// right in one after the fence cannot be read, nor what is mounted there.
type fence struct {
	names   []string // of the fenced directories, all that there are
	way     map[inode]bool
	holds   int // so many objects at most
	granted []object
}

// maxHeld bounds the descriptors: the trampoline's own must stay above them all.
const maxHeld = 1024

// mayHold leaves most of this process's descriptors to what it does.
func mayHold() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int(min(maxHeld, limit.Cur/4))
}

// newFence looks at what is around the directories, each of which, or the one
// above it, exists.
func newFence(dirs ...string) (*fence, error) {
	f := &fence{holds: mayHold()}
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		names, err := everyName(dir, mounts)
		if err != nil {
			return nil, fmt.Errorf("fencing %s: %w", dir, err)
		}
		f.names = append(f.names, names...)
	}
	f.way = wayTo(f.names)
	if err := f.walk("/"); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// everyName gives the real path of a directory, and what else leads there.
func everyName(dir string, mounts []mount) ([]string, error) {
	real, err := realPath(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// It is right in a directory of the way, where nothing new is read.
		above, err := realPath(filepath.Dir(dir))
		return []string{filepath.Join(above, filepath.Base(dir))}, err
	case err != nil:
		return nil, err
	case real == "/":
		return nil, errors.New("nothing would be left to read")
	}
	var at unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, real, 0, unix.STATX_MNT_ID, &at); err != nil {
		return nil, err
	}
	if at.Mask&unix.STATX_MNT_ID == 0 {
		return nil, errors.New("the kernel does not say in which mount it is")
	}
	whole, names := namesOf(real, at.Mnt_id, mounts)
	for _, name := range whole {
		if same(name, real) {
			names = append(names, name)
		}
	}
	return names, nil
}

func realPath(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// same says that a name leads to the directory: another mount may hide it. What
// may not be looked at counts.
func same(name, dir string) bool {
	want, err := os.Stat(dir)
	if err != nil {
		return name == dir
	}
	got, err := os.Lstat(name)
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	return os.SameFile(got, want)
}

// wayTo is each fenced directory and all that are above one: they get no rule,
// under whatever name a mount shows them.
func wayTo(names []string) map[inode]bool {
	way := map[inode]bool{}
	for _, name := range names {
		for ; name != "/"; name = filepath.Dir(name) {
			if o, err := hold(name); err == nil {
				way[o.id] = true
				o.close()
			}
		}
	}
	return way
}

// fenced says whether a path is a fenced directory, leads whether one is below.
func (f *fence) fenced(path string) bool {
	for _, name := range f.names {
		if name == path {
			return true
		}
	}
	return false
}

func (f *fence) leads(path string) bool {
	for _, name := range f.names {
		if strings.HasPrefix(name, path+"/") {
			return true
		}
	}
	return false
}

// walk grants what is in a directory of the way. A link is left out: where it
// leads to has a rule, or is on the way. A directory that may not be listed has
// no neighbours.
func (f *fence) walk(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listing %s: %w", dir, err)
	}
	if errors.Is(err, fs.ErrPermission) {
		return f.beyond(dir)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case f.fenced(path):
		case f.leads(path):
			err = f.walk(path)
		case e.Type()&fs.ModeSymlink == 0:
			err = f.grant(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// beyond goes on below a directory that may not be listed.
func (f *fence) beyond(dir string) error {
	seen := map[string]bool{}
	for _, name := range f.names {
		rest, below := strings.CutPrefix(name, dir+"/")
		first, _, more := strings.Cut(rest, "/")
		if path := dir + "/" + first; below && more && !f.fenced(path) && !seen[path] {
			seen[path] = true
			if err := f.walk(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// grant adds an object, unless it vanished or nobody of this user may open it.
func (f *fence) grant(path string) error {
	o, err := hold(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, errLink):
		return nil
	case err != nil:
		return err
	}
	if f.way[o.id] {
		o.close()
		return nil
	}
	if len(f.granted) >= f.holds {
		o.close() // it is looked up at each launch
	}
	f.granted = append(f.granted, o)
	return nil
}

func (f *fence) close() {
	for i := range f.granted {
		f.granted[i].close()
	}
}

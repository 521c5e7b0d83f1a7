package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Resolve finds the bundle that a path means: the directory itself when it
// holds an index of its own, or the newest run of an output directory. A bundle
// with a link LATEST in it is itself all the same, and not what that leads to.
func Resolve(dir string) (string, error) {
	latest := filepath.Join(dir, "LATEST")
	if !isOwn(filepath.Join(dir, ArtifactIndex)) {
		if st, err := os.Lstat(latest); err == nil && st.Mode()&fs.ModeSymlink != 0 {
			dir = latest
		}
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", fmt.Errorf("opening bundle %q: %w", dir, cause(err))
	}
	st, err := os.Stat(real)
	if err != nil {
		return "", fmt.Errorf("opening bundle %q: %w", dir, cause(err))
	}
	if !st.IsDir() {
		return "", fmt.Errorf("opening bundle %q: not a directory", dir)
	}
	return real, nil
}

// isOwn reports that there is a file, and not a link to one.
func isOwn(path string) bool {
	st, err := os.Lstat(path)
	return err == nil && st.Mode().IsRegular()
}

// Root reads the files of a bundle's directory, finished or being written, as
// untrusted input.
type Root struct{ root *os.Root }

// OpenRoot opens a directory. [Resolve] finds the one that a person means.
func OpenRoot(dir string) (*Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Root{root}, nil
}

// Name returns the path of the directory, as it was opened.
func (r *Root) Name() string { return r.root.Name() }

// Close closes the directory. Files that were opened stay open.
func (r *Root) Close() error { return r.root.Close() }

// FS returns the directory as a file system, to walk it.
func (r *Root) FS() fs.FS { return r.root.FS() }

// Open opens a regular file. It follows no symbolic link on the last step, opens
// nothing outside the directory, and does not block on a FIFO.
func (r *Root) Open(name string) (*os.File, error) {
	if !CleanPath(name) {
		return nil, errors.New("not a path inside a bundle")
	}
	f, err := r.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile reads a whole file of at most 64 MiB.
func (r *Root) ReadFile(name string) ([]byte, error) {
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDoc+1))
	if err == nil && len(text) > maxDoc {
		err = fmt.Errorf("longer than %d bytes", maxDoc)
	}
	return text, err
}

// cause strips the path from an error that the caller names anyway.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

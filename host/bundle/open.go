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

// openRegular opens a file of an untrusted bundle: no symbolic link on the last
// step, nothing outside the root, nothing that would block.
func openRegular(root *os.Root, name string) (*os.File, error) {
	if !cleanPath(name) {
		return nil, errors.New("not a path inside a bundle")
	}
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
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

// readWhole reads a document of at most maxDoc bytes.
func readWhole(root *os.Root, name string) ([]byte, error) {
	f, err := openRegular(root, name)
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

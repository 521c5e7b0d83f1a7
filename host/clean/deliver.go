package clean

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// deliver moves what a job left in the directory from to the directory to, which
// may be of another file system. What is in a subdirectory (runs/ID) is moved
// whole: it has its name only when all of it is there. Symbolic links come last
// and replace symbolic links only.
func deliver(from, to string) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err == nil {
		err = os.MkdirAll(to, 0o755)
	}
	if err != nil {
		return err
	}
	var links []string
	for _, e := range entries {
		src, dst := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			links = append(links, e.Name())
		case e.IsDir():
			err = errors.Join(err, deliverEach(src, dst))
		default:
			err = errors.Join(err, move(src, dst))
		}
	}
	if err != nil {
		return err // no link to what is not there
	}
	for _, name := range links {
		err = errors.Join(err, deliverLink(filepath.Join(from, name), filepath.Join(to, name)))
	}
	return err
}

func deliverEach(from, to string) error {
	entries, err := os.ReadDir(from)
	if err == nil {
		err = os.MkdirAll(to, 0o755)
	}
	for _, e := range entries {
		if err != nil {
			break
		}
		err = move(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
	}
	return err
}

// move renames a file or directory, or copies it when that cannot be: the
// original is then left to the removal of its root, which comes after all is
// copied and on the disk.
func move(from, to string) error {
	if info, err := os.Lstat(to); err == nil && info.IsDir() {
		return fmt.Errorf("%s exists", to)
	}
	err := os.Rename(from, to)
	if err == nil {
		return nil
	}
	part := strings.TrimSuffix(to, ".partial") + ".partial"
	if cerr := copyTree(from, part); errors.Is(err, syscall.EXDEV) && cerr != nil {
		return cerr
	} else if cerr != nil {
		return err
	}
	if part == to {
		return nil
	}
	return os.Rename(part, to)
}

// copyTree copies directories and regular files, and syncs them.
func copyTree(from, to string) error {
	var copies []string
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		dst := filepath.Join(to, rel)
		copies = append(copies, dst)
		if d.IsDir() {
			return os.MkdirAll(dst, 0o755)
		}
		if !d.Type().IsRegular() { // a link could name a file that the plugins may not read
			return fmt.Errorf("copying %s: it is not a regular file", path)
		}
		return copyFile(path, dst)
	})
	for _, name := range append(copies, filepath.Dir(to)) {
		if err == nil {
			err = toDisk(name)
		}
	}
	return err
}

func toDisk(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// deliverLink makes the same link at to, in one step. A file of the user's with
// that name is left alone.
func deliverLink(from, to string) error {
	target, err := os.Readlink(from)
	if err != nil {
		return err
	}
	if info, err := os.Lstat(to); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return nil
	}
	part := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+"."+filepath.Base(filepath.Dir(filepath.Dir(from))))
	if err := os.Symlink(target, part); err != nil {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		os.Remove(part)
		return err
	}
	return nil
}

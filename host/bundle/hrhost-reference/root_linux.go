package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// system are the directories of the machine that programs need. What else is
// below /, marks of container engines included, stays outside.
var system = []string{"bin", "dev", "etc", "lib", "lib64", "sbin", "sys", "usr"}

// changeRoot makes a root directory of system, a /proc of the pid namespace, and
// base with the programs and inputs, and moves into it.
func changeRoot(programs, checkout string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := syscall.Sethostname([]byte("reference")); err != nil {
		return fmt.Errorf("setting the host name: %w", err)
	}
	root := os.TempDir() // hidden by the new root until that is moved
	if err := mount("tmpfs", root, "tmpfs", 0); err != nil {
		return err
	}
	for _, name := range system {
		if err := adopt("/"+name, filepath.Join(root, name)); err != nil {
			return err
		}
	}
	if err := mount("proc", filepath.Join(root, "proc"), "proc", 0); err != nil {
		return err
	}
	if err := mount(programs, filepath.Join(root, base, "bin"), "", syscall.MS_BIND); err != nil {
		return err
	}
	if err := writeInputs(filepath.Join(root, base), checkout); err != nil {
		return err
	}
	for _, name := range []string{"tmp", "var/tmp", filepath.Join(base, "out")} {
		if err := writable(filepath.Join(root, name)); err != nil {
			return err
		}
	}
	return pivot(root)
}

// adopt mounts a directory of the machine, or copies the link that stands for it.
// A directory that the machine lacks is left out.
func adopt(from, to string) error {
	link, err := os.Readlink(from)
	switch {
	case err == nil:
		return os.Symlink(link, to)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return mount(from, to, "", syscall.MS_BIND|syscall.MS_REC)
}

// mount makes the directory to and mounts on it.
func mount(from, to, kind string, flags uintptr) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount(from, to, kind, flags, ""); err != nil {
		return fmt.Errorf("mounting %s on %s: %w", from, to, err)
	}
	return nil
}

// writable makes a directory that every user may write to.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o777|fs.ModeSticky)
}

// pivot makes dir the root and takes the old one away, as pivot_root(2) does it in
// its notes: the old root is stacked on the new one and unmounted.
func pivot(dir string) error {
	if err := os.Chdir(dir); err != nil {
		return err
	}
	if err := syscall.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("making %s the root directory: %w", dir, err)
	}
	if err := syscall.Unmount(".", syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmounting the old root directory: %w", err)
	}
	if err := os.Chmod("/", 0o755); err != nil {
		return err
	}
	return os.Chdir("/")
}

//go:build !linux

package launch

import (
	"errors"
	"os"
)

// privateFile makes a file of our own. macOS can't execute a descriptor, so the
// copy keeps a name as long as it may be executed, and what runs as the same
// user could change it in between. fact:launch.copy-runs
func privateFile(string) (*os.File, error) {
	return os.CreateTemp("", "hrhost-binary-*")
}

// freeze makes the copy executable and closes our descriptor for writing.
func freeze(f *os.File) (*os.File, error) {
	if err := f.Chmod(0o500); err != nil {
		return f, err
	}
	ro, err := os.Open(f.Name())
	if err != nil {
		return f, err
	}
	f.Close()
	return ro, nil
}

// discard removes the copy.
func discard(f *os.File) error {
	if f == nil {
		return nil
	}
	return errors.Join(os.Remove(f.Name()), f.Close())
}

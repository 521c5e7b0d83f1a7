package sysctl

import (
	"io/fs"
	"path/filepath"
)

// enumerate lists the parameters whose mode has any of the bits. What can't be
// looked at is left out.
func enumerate(mode fs.FileMode) func(yield func(string) error) error {
	return func(yield func(string) error) error {
		return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return nil
			}
			info, err := entry.Info()
			if err != nil || info.Mode()&mode == 0 {
				return nil
			}
			return yield(nameOf(path))
		})
	}
}

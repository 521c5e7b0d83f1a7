//go:build !linux

package launch

import "os"

// privateFile makes a file of our own in a 0700 directory, unlinked by freeze's
// caller only after the process has started: macOS cannot execute a descriptor.
func privateFile(path string) (*os.File, error) {
	return os.CreateTemp("", "hrhost-binary-*")
}

func freeze(f *os.File) (*os.File, error) {
	return f, os.Chmod(f.Name(), 0o500)
}

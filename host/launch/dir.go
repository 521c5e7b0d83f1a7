package launch

import (
	"fmt"
	"os"
	"path/filepath"
)

// MaxSocketPath is the longest socket path that every platform takes: sun_path
// holds 104 bytes on macOS and 108 on Linux, with the final NUL.
const MaxSocketPath = 103

// socketSuffix is what go-plugin appends to the socket directory at most:
// "/plugin-dir" and ten digits, "/plugin" and ten digits.
const socketSuffix = len("/plugin-dir0123456789/plugin0123456789")

// Dir is the private directory of one process: Sockets for the one connection
// to the host, Scratch for everything the plugin may write.
type Dir struct {
	Root    string
	Sockets string
	Scratch string
}

// NewDir makes a directory (mode 0700) below parent, which must be short enough
// for a socket path.
func NewDir(parent string) (*Dir, error) {
	root, err := os.MkdirTemp(parent, "hr.")
	if err != nil {
		return nil, fmt.Errorf("making a private directory in %q: %w", parent, err)
	}
	d := &Dir{Root: root, Sockets: filepath.Join(root, "s"), Scratch: filepath.Join(root, "scratch")}
	if n := len(d.Sockets) + socketSuffix; n > MaxSocketPath {
		os.RemoveAll(root)
		return nil, &Error{Name: root, Step: "setup", Cause: fmt.Errorf(
			"a socket in %q would have a path of %d bytes, the limit is %d", d.Sockets, n, MaxSocketPath),
			Hint: "set TMPDIR to a shorter directory, such as /tmp"}
	}
	for _, p := range []string{d.Sockets, d.Scratch} {
		if err := os.Mkdir(p, 0o700); err != nil {
			os.RemoveAll(root)
			return nil, fmt.Errorf("making %q: %w", p, err)
		}
	}
	return d, nil
}

// Remove deletes the directory and all in it.
func (d *Dir) Remove() error { return os.RemoveAll(d.Root) }

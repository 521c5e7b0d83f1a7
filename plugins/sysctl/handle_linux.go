package sysctl

import (
	"io"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

// handle is a descriptor opened before sealing. A parameter that could be held
// for writing is none: containment refuses every open for writing.
func handle() *sdk.Handle {
	return &sdk.Handle{Kind: "descriptor of /proc/sys/NAME", Acquire: hold, Use: readHeld}
}

// descriptor is an open parameter.
type descriptor struct {
	fd   int
	path string
}

func (d *descriptor) Close() error { return syscall.Close(d.fd) }

func hold(name string) (io.Closer, error) {
	path, err := pathOf(name)
	if err != nil {
		return nil, err
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return &descriptor{fd, path}, nil
}

// readHeld reads the parameter's present value, from the start.
func readHeld(rec *sdk.Recorder, held io.Closer) error {
	d := held.(*descriptor)
	c := call("pread held ", d.path)
	c.API = heldAPI
	rec.Attempt(c, func() (string, error) {
		buf := make([]byte, maxHeld)
		n, err := syscall.Pread(d.fd, buf, 0)
		return strings.TrimRight(string(buf[:max(n, 0)]), "\n"), err
	})
	return nil
}

const (
	heldAPI = "pread"
	maxHeld = 4 << 10 // one page: what a read of a parameter gives at most in one call
)

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

// checked takes device nodes only, by clean names. What a node is for is
// the target's business: name harmless ones.
func checked(target string) error {
	if strings.IndexByte(target, 0) >= 0 || path.Clean(target) != target || !strings.HasPrefix(target, "/dev/") {
		return fmt.Errorf("target %q is no clean name below /dev", target)
	}
	var st syscall.Stat_t
	switch err := syscall.Lstat(target, &st); {
	case errors.Is(err, syscall.ENOENT):
		return nil // a missing device is a target, too
	case err != nil:
		return nil // the open will say why
	case st.Mode&syscall.S_IFMT != syscall.S_IFCHR && st.Mode&syscall.S_IFMT != syscall.S_IFBLK:
		return fmt.Errorf("target %q is no device node", target)
	}
	return nil
}

// enumerate lists the nodes of this host that do nothing when they are opened. It
// is a short list of names and no walk through /dev: every target of a list is
// opened without a sandbox too, and opening a watchdog arms it.
func enumerate(yield func(target string) error) error {
	for _, node := range []string{"/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"} {
		if _, err := os.Lstat(node); err != nil {
			continue
		}
		if err := yield(node); err != nil {
			return err
		}
	}
	return nil
}

func openToRead(rec *sdk.Recorder) error  { return attempt(rec, "open ", syscall.O_RDONLY) }
func openToWrite(rec *sdk.Recorder) error { return attempt(rec, "open O_WRONLY ", syscall.O_WRONLY) }

func attempt(rec *sdk.Recorder, verb string, mode int) error {
	target := rec.Target()
	if err := checked(target); err != nil {
		return err // no attempt is made, and this says why
	}
	fd := -1
	err := rec.Attempt(call("open", verb, target), func() (string, error) {
		var err error
		fd, err = open(target, mode)
		return "", err
	})
	if err == nil {
		return syscall.Close(fd)
	}
	return nil
}

func call(api, verb, target string) sdk.Call {
	return sdk.Call{API: api, Carrier: verb + target, Filter: target, Path: &sdk.Path{Requested: target}}
}

// open never waits, and never makes a terminal this process's own.
func open(target string, mode int) (int, error) {
	return syscall.Open(target, mode|syscall.O_CLOEXEC|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
}

// descriptor is a device that was opened before sealing.
type descriptor struct {
	fd   int
	path string
}

func (d *descriptor) Close() error { return syscall.Close(d.fd) }

func hold(target string) (io.Closer, error) {
	if err := checked(target); err != nil {
		return nil, err
	}
	fd, err := open(target, syscall.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return &descriptor{fd, target}, nil
}

// readHeld reads a few bytes and says how many: what a device gives is its own.
func readHeld(rec *sdk.Recorder, held io.Closer) error {
	d := held.(*descriptor)
	rec.Attempt(call("read", "read held ", d.path), func() (string, error) {
		n, err := syscall.Read(d.fd, make([]byte, 16))
		return fmt.Sprintf("%d bytes", max(n, 0)), err
	})
	return nil
}

// openResults is the table of open(2). EACCES is other: it is the node's mode,
// or what contains the plugin, and no profile.
func openResults() []sdk.Result {
	return []sdk.Result{
		{API: "open", Errno: 0, Class: sdk.OK, Source: "open(2)"},
		{API: "open", Errno: syscall.EPERM, Class: sdk.Denied, Source: "measured on Linux: the monitor's answer; XNU: that of mac_vnode_check_open"},
		{API: "open", Errno: syscall.ENOENT, Class: sdk.Missing, Source: "open(2): there is no such node"},
		{API: "open", Errno: syscall.ENXIO, Class: sdk.Missing, Source: "open(2): the node is there, its device is not"},
		{API: "open", Errno: syscall.EACCES, Class: sdk.Other, Source: "open(2): the node's mode; landlock(7)"},
	}
}

func readResults() []sdk.Result {
	return []sdk.Result{
		{API: "read", Errno: 0, Class: sdk.OK, Source: "read(2)"},
		{API: "read", Errno: syscall.EPERM, Class: sdk.Denied, Source: "assumed: how a policy would refuse it; none was seen to"},
	}
}

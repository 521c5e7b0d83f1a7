package sysctl

import (
	"slices"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

const (
	api          = "open"
	readCarrier  = "open /proc/sys/NAME"
	writeCarrier = "open O_WRONLY /proc/sys/NAME"
	writePurpose = "Opens one kernel parameter for writing and closes it without writing."
)

func read(rec *sdk.Recorder) error {
	path, err := pathOf(rec.Target())
	if err != nil {
		return err
	}
	rec.Attempt(call("open ", path), func() (string, error) { return readFile(path) })
	return nil
}

func write(rec *sdk.Recorder) error {
	path, err := pathOf(rec.Target())
	if err != nil {
		return err
	}
	rec.Attempt(call("open O_WRONLY ", path), func() (string, error) { return "", openForWriting(path) })
	return nil
}

func call(verb, path string) sdk.Call {
	return sdk.Call{
		API: api, Carrier: verb + path, Filter: nameOf(path),
		Path: &sdk.Path{Requested: path},
	}
}

// readFile makes one open call. A failing read is not the open's result.
func readFile(path string) (string, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer syscall.Close(fd)
	value := make([]byte, 0, firstRead)
	for len(value) < maxValue {
		value = slices.Grow(value, firstRead/2)
		n, err := syscall.Read(fd, value[len(value):cap(value)])
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			return strings.TrimRight(string(value), "\n"), sdk.In("read", err)
		}
		value = value[:len(value)+n]
	}
	return strings.TrimRight(string(value), "\n"), nil
}

const (
	firstRead = 512      // most values are a few bytes
	maxValue  = 64 << 10 // enough for every parameter worth quoting
)

// openForWriting changes nothing: a parameter is set by write, never by open.
func openForWriting(path string) error {
	fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return sdk.In("close", syscall.Close(fd))
}

// results is the table of the open call. EACCES is other: file modes and
// Landlock answer it, no profile does.
func results() []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "open(2)"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied,
			Source: "measured: the monitor answers a denied open under /proc/sys with EPERM"},
		{API: api, Errno: syscall.ENOENT, Class: sdk.Missing,
			Source: "open(2): a directory component or the file does not exist"},
		{API: api, Errno: syscall.EACCES, Class: sdk.Other,
			Source: "open(2): file modes; landlock(7): no rule for the path"},
	}
}

//go:build linux

package main

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sdk"
)

// spec is a plugin of one real probe: it reads a kernel parameter, the second
// time of one attempt when a fault wants it.
func spec(family string, f fault) *sdk.Spec {
	s := &sdk.Spec{
		Family: family, Version: "0", Doc: "A plugin with a fault, for tests.",
		Probes: []*sdk.Probe{{
			Operation: "sysctl-read", Filter: "sysctl-name", Purpose: "Reads one kernel parameter.",
			Carrier: "open /proc/sys/NAME", Results: results(), Platforms: []sdk.Platform{sdk.Linux},
			Run: func(rec *sdk.Recorder) error { return attempt(rec, f) },
		}},
	}
	if f.files {
		s.Probes = append(s.Probes, &sdk.Probe{
			Operation: "file-read-data", Filter: "path", Purpose: "Reads a file.",
			Carrier: "open PATH", Results: results(), Platforms: []sdk.Platform{sdk.Linux}, Run: readFile,
		})
	}
	if f.sockets {
		s.Probes = append(s.Probes, &sdk.Probe{
			Operation: "system-socket", Filter: "socket-domain", Purpose: "Makes a datagram socket, and before that a raw one.",
			Carrier: "socket FAMILY", Results: socketResults(), Platforms: []sdk.Platform{sdk.Linux}, Run: makeSockets,
		})
	}
	if f.kin {
		s.Probes, s.Children = append(s.Probes, kinProbe()), kinChildren()
	}
	if f.lasting {
		s.Probes = append(s.Probes, &sdk.Probe{
			Operation: "ipc-sysv-shm", Filter: "uid", Purpose: "Makes System V shared memory.",
			Carrier: "shmget", Results: lastingResults(), Platforms: []sdk.Platform{sdk.Linux}, Run: makeLasting,
		})
	}
	if f.targets > 0 {
		s.Probes[0].Enumerate = func(yield func(string) error) error { return list(f.targets, yield) }
	}
	if f.options != nil {
		s.Configure = func(json.RawMessage) error { return f.options() }
	}
	return s
}

// list names three parameters over and over.
func list(n int, yield func(string) error) error {
	for i := range n {
		if err := yield([]string{"kernel.ostype", "kernel.version", "kernel.osrelease"}[i%3]); err != nil {
			return err
		}
	}
	return nil
}

func results() []sdk.Result {
	return []sdk.Result{
		{API: "open", Errno: 0, Class: sdk.OK, Source: "open(2)"},
		{API: "open", Errno: syscall.EPERM, Class: sdk.Denied, Source: "the monitor's answer"},
		{API: "open", Errno: syscall.ENOENT, Class: sdk.Missing, Source: "open(2)"},
	}
}

func readFile(rec *sdk.Recorder) error {
	return rec.Attempt(sdk.Call{API: "open", Carrier: "open " + rec.Target(), Filter: rec.Target()}, func() (string, error) {
		b, err := os.ReadFile(rec.Target())
		return string(b), err
	})
}

func attempt(rec *sdk.Recorder, f fault) error {
	call := func() error {
		path := "/proc/sys/" + strings.ReplaceAll(rec.Target(), ".", "/")
		return rec.Attempt(sdk.Call{API: "open", Carrier: "open " + path, Filter: rec.Target()}, func() (string, error) {
			b, err := os.ReadFile(path)
			return strings.TrimSpace(string(b)), err
		})
	}
	if f.attempt != nil {
		return f.attempt(rec, call)
	}
	call()
	return nil
}

func socketResults() []sdk.Result {
	return []sdk.Result{
		{API: "socket", Errno: 0, Class: sdk.OK, Source: "socket(2)"},
		{API: "socket", Errno: syscall.EPERM, Class: sdk.Denied, Source: "the monitor's answer"},
	}
}

// makeSockets makes two sockets of one family, the first outside of the attempt, or
// the one UDP socket that its target asks for.
func makeSockets(rec *sdk.Recorder) error {
	if rec.Target() == "AF_INET/SOCK_DGRAM/0" {
		call := sdk.Call{API: "socket", Carrier: "socket " + rec.Target(), Filter: rec.Target()}
		return rec.Attempt(call, func() (string, error) {
			fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
			if err == nil {
				syscall.Close(fd)
			}
			return "", err
		})
	}
	make := func(kind int) (string, error) {
		fd, err := syscall.Socket(syscall.AF_NETLINK, kind|syscall.SOCK_CLOEXEC, 0)
		if err == nil {
			syscall.Close(fd)
		}
		return "", err
	}
	make(syscall.SOCK_RAW)
	rec.Attempt(sdk.Call{API: "socket", Carrier: "socket AF_NETLINK", Filter: rec.Target()}, func() (string, error) { return make(syscall.SOCK_DGRAM) })
	return nil
}

func lastingResults() []sdk.Result {
	return []sdk.Result{
		{API: "shmget", Errno: 0, Class: sdk.OK, Source: "shmget(2)"},
		{API: "shmget", Errno: syscall.EACCES, Class: sdk.Denied, Source: "shmget(2)"},
	}
}

// makeLasting makes a segment and removes it again.
func makeLasting(rec *sdk.Recorder) error {
	call := sdk.Call{API: "shmget", Carrier: "shmget IPC_PRIVATE", Filter: rec.Target()}
	return rec.Attempt(call, func() (string, error) {
		id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, unix.IPC_CREAT|0o600)
		if err == nil {
			_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
		}
		return "", err
	})
}

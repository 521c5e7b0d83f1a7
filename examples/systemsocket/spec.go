package main

import (
	"io"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "systemsocket",
		Version: "0.1.0",
		Doc: "Sockets by family, type and protocol, written AF_NETLINK/SOCK_RAW/0. " +
			"None is bound, connected or sent through.",
		Probes: []*sdk.Probe{
			{
				Operation: "system-socket",
				Filter:    "socket-domain",
				Purpose:   "Makes one socket and closes it.",
				Carrier:   "socket FAMILY/TYPE/PROTOCOL",
				Results:   append(socketResults(), useResults()...),
				Platforms: both,
				Controls:  []string{exampleTarget},
				Handle:    &sdk.Handle{Kind: "socket", Acquire: acquire, Use: use},
				Run:       run,
				Enumerate: enumerate,
			},
			{
				Operation: "socket-ioctl",
				Filter:    "ioctl-command",
				Purpose:   ioctlPurpose,
				Carrier:   "ioctl COMMAND",
				Results:   ioctlResults(),
				Platforms: both,
				Run:       control,
			},
		},
	}
}

var both = []sdk.Platform{sdk.Linux, sdk.MacOS}

// run makes the socket that the target names.
func run(rec *sdk.Recorder) error {
	s, err := parse(rec.Target())
	if err != nil {
		return err // no attempt is made, and this says why
	}
	fd := -1
	err = rec.Attempt(sdk.Call{API: "socket", Carrier: "socket " + s.String(), Filter: s.domainName}, func() (string, error) {
		var err error
		fd, err = s.make()
		return "", err
	})
	if err == nil {
		return syscall.Close(fd)
	}
	return nil
}

// held is a socket that was made before sealing.
type held struct {
	fd int
	s  socket
}

func (h *held) Close() error { return syscall.Close(h.fd) }

func acquire(target string) (io.Closer, error) {
	s, err := parse(target)
	if err != nil {
		return nil, err
	}
	fd, err := s.make()
	if err != nil {
		return nil, err
	}
	return &held{fd, s}, nil
}

// use asks the socket for its own name: something that only a live one can say.
func use(rec *sdk.Recorder, h io.Closer) error {
	sock := h.(*held)
	rec.Attempt(sdk.Call{API: useAPI, Carrier: useAPI + " held " + sock.s.String(), Filter: sock.s.domainName},
		func() (string, error) { return sock.ask() })
	return nil
}

// control makes one ioctl call on a socket that is made for it.
func control(rec *sdk.Recorder) error {
	fd, call, err := command(rec.Target())
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	rec.Attempt(sdk.Call{API: "ioctl", Carrier: "ioctl " + rec.Target(), Filter: rec.Target()}, func() (string, error) { return call(fd) })
	return nil
}

// socketResults is the table of socket(2). A family that the kernel lacks is a
// missing object, not a refusal.
func socketResults() []sdk.Result {
	return []sdk.Result{
		{API: "socket", Errno: 0, Class: sdk.OK, Source: "socket(2)"},
		{API: "socket", Errno: syscall.EPERM, Class: sdk.Denied, Source: deniedSource},
		{API: "socket", Errno: syscall.EAFNOSUPPORT, Class: sdk.Missing, Source: "socket(2): the implementation does not support the family"},
		{API: "socket", Errno: syscall.EPROTONOSUPPORT, Class: sdk.Missing, Source: "socket(2): no such protocol within the family"},
		{API: "socket", Errno: syscall.ESOCKTNOSUPPORT, Class: sdk.Missing, Source: "socket(2), errno(3): no such type within the family"},
	}
}

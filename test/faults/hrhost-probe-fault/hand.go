//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/wire"
)

// Two families of one plan try to hand a descriptor from one without a policy to
// a sealed one: "gives" opens a parameter that the profile denies, "takes" listens.

// giveTime is how long the orphan of "gives" tries, takeTime how long "takes"
// listens. Both are well above the time from one process to the next.
const (
	giveTime = 20 * time.Second
	takeTime = 1500 * time.Millisecond
)

// meeting is the abstract socket of the plan's directory.
func meeting() *unix.SockaddrUnix {
	return &unix.SockaddrUnix{Name: "@hrhost.faults" + filepath.Dir(os.Args[0])}
}

// leaveGiver leaves an orphan behind, with a changed environment, that tries to
// hand the descriptor over.
func leaveGiver() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "child":
		give()
		os.Exit(0)
	case "daemon":
		startSelf("child", []string{"NOTHING=1"})
		os.Exit(0)
	}
	if c := startSelf("daemon", nil); c != nil {
		c.Wait()
	}
}

func give() {
	secret, err := unix.Open("/proc/sys/kernel/version", unix.O_RDONLY, 0)
	if err != nil {
		return // sealed
	}
	for end := time.Now().Add(giveTime); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err == nil && unix.Connect(fd, meeting()) == nil {
			unix.Sendmsg(fd, []byte("x"), unix.UnixRights(secret), nil, 0)
		}
		unix.Close(fd)
	}
}

// take listens before it makes its attempts.
func take(items []wire.RunItem, send func(wire.Event) error) error {
	if text, err := taken(); err != nil {
		complain("took nothing: %v", err)
	} else {
		complain("TAKEN: %q", text)
	}
	return honest(items, send)
}

func taken() (string, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err == nil {
		err = unix.Bind(fd, meeting())
	}
	if err == nil {
		err = unix.Listen(fd, 8)
	}
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	for end := time.Now().Add(takeTime); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, _, err := unix.Accept(fd); err == nil {
			return received(c)
		}
	}
	return "", errors.New("no connection came")
}

// received reads from the descriptor that comes over a connection.
func received(c int) (string, error) {
	defer unix.Close(c)
	b, oob := make([]byte, 256), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(c, b, oob, 0)
	if err != nil {
		return "", err
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(msgs) != 1 {
		return "", errors.New("no descriptor came")
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil {
		return "", err
	}
	size, err := unix.Read(fds[0], b)
	return string(b[:max(size, 0)]), err
}

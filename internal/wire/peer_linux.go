package wire

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// PeerPID is the process at the other end of a connection: of one that was
// dialled, the process that listens there.
func PeerPID(conn net.Conn) (int, error) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("a %T has no peer process", conn)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var peer *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, fmt.Errorf("asking for the peer's process: %w", failed)
	}
	return int(peer.Pid), nil
}

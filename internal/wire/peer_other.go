//go:build !linux

package wire

import (
	"errors"
	"net"
)

// PeerPID is not asked for outside of Linux.
func PeerPID(net.Conn) (int, error) {
	return 0, errors.New("a connection's peer process is only known on Linux")
}

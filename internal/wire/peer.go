package wire

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// peerOptions make a server that answers the process named by EnvHost and no
// other: until the host has unlinked the socket, whoever runs as the same user
// could connect to it. Without that variable, everybody is answered.
func peerOptions() []grpc.ServerOption {
	host, err := strconv.Atoi(os.Getenv(EnvHost))
	if err != nil {
		return nil
	}
	return []grpc.ServerOption{grpc.Creds(&hostOnly{insecure.NewCredentials(), host})}
}

// hostOnly is the insecure credentials for one peer.
type hostOnly struct {
	credentials.TransportCredentials
	host int
}

// ServerHandshake is called for each connection before anything is read.
func (h *hostOnly) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	pid, err := PeerPID(conn)
	if err == nil && pid != h.host {
		err = fmt.Errorf("a connection from process %d, which is not the host", pid)
	}
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return h.TransportCredentials.ServerHandshake(conn)
}

func (h *hostOnly) Clone() credentials.TransportCredentials {
	return &hostOnly{h.TransportCredentials.Clone(), h.host}
}

// DialPlugin dials a plugin's socket and takes only the named process for it. A
// socket's path is the plugin's to choose, and it may lead to another plugin's.
func DialPlugin(ctx context.Context, path string, pid int) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	got, err := PeerPID(conn)
	if err == nil && got != pid {
		err = &ProtocolError{What: fmt.Sprintf("the plugin's socket is process %d's, not its own", got)}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

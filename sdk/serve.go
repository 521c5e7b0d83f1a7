package sdk

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"

	"github.com/hrhost/hrhost/internal/wire"
	"google.golang.org/grpc"
)

// coreProtocol is the version of go-plugin's own handshake.
const coreProtocol = 1

// serve is the plugin's half of go-plugin's protocol: a socket in the directory
// that the host named, one line on stdout that says where, and gRPC on it. It
// returns when that can't be done. The life pipe ends the process, or the host.
//
// It is not go-plugin's own server, which brings services that a probe must not
// use (a broker that dials, reflection, net/rpc) and streams that copy what the
// process prints. With gRPC's tracing they were a fifth of what a plugin's start
// cost, and they made system calls that a sandboxed process has no need of.
func serve(s wire.Server) error {
	socket, err := listen(os.Getenv(wire.EnvSocketDir))
	if err != nil {
		return err
	}
	server := grpc.NewServer(wire.ServerOptions()...)
	wire.Register(server, s)
	// The host decides when to leave, not who types at a terminal. Nobody reads
	// this: ignored, the signal would be so in what a probe executes, too.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	if _, err := fmt.Printf("%d|%d|unix|%s|grpc|\n", coreProtocol, wire.ProtocolMajor, socket.Addr()); err != nil {
		return fmt.Errorf("telling the host where the socket is: %w", err)
	}
	os.Stdout = os.Stderr // what a probe prints belongs in the log
	return server.Serve(socket)
}

// listen makes the socket: in the host's directory, which the host removes, or in
// one of its own where a host that is not hrhost names none.
func listen(dir string) (net.Listener, error) {
	own := ""
	if dir == "" {
		var err error
		if own, err = os.MkdirTemp("", "hrhost-probe"); err != nil {
			return nil, fmt.Errorf("making a directory for the socket: %w", err)
		}
		dir = own
	}
	path := filepath.Join(dir, "plugin"+strconv.Itoa(os.Getpid()))
	socket, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("making the socket to be reached at: %w", err)
	}
	return &listener{Listener: socket, own: own}, nil
}

// listener removes a directory of its own once somebody has connected: there is one
// connection, and a process that ends with its life pipe removes nothing.
type listener struct {
	net.Listener
	own string // "" for none
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil && l.own != "" {
		os.RemoveAll(l.own)
		l.own = ""
	}
	return conn, err
}

package sdktest

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/internal/hook"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// connect serves the Spec on a unix socket until the test ends.
func connect(t *testing.T, spec *sdk.Spec) *wire.Client {
	t.Helper()
	listener, err := net.Listen("unix", socketPath(t))
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(wire.ServerOptions()...)
	wire.Register(server, hook.NewServer(spec, t.TempDir()))
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	options := append(wire.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient("unix:"+listener.Addr().String(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return wire.NewClient(conn)
}

// socketPath is short: t.TempDir can exceed a socket's 104 bytes.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

package launch

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrivateSocketAccept: only a socket in the process's own directory is dialed.
func TestPrivateSocketAccept(t *testing.T) {
	dir := &Dir{Sockets: "/tmp/hr.1/s"}
	for _, c := range []struct {
		network, address string
		ok               bool
	}{
		{"unix", "/tmp/hr.1/s/plugin-dir1/plugin2", true},
		{"unix", "/tmp/hr.1/s/../s/plugin", true},
		{"unix", "/tmp/hr.1/s/../../hr.2/s/plugin", false},
		{"unix", "/tmp/hr.1/sister/plugin", false},
		{"unix", "/tmp/hr.1/s", false},
		{"unix", "@abstract", false},
		{"tcp", "/tmp/hr.1/s/plugin", false},
	} {
		if err := PrivateSocket(dir, false).Accept(c.network, c.address); (err == nil) != c.ok {
			t.Errorf("%s %s: %v", c.network, c.address, err)
		}
	}
}

// TestPrivateSocketDial: nothing is dialed without a handshake, nor once the transport
// was retired.
func TestPrivateSocketDial(t *testing.T) {
	dir := &Dir{Sockets: filepath.Join(t.TempDir(), "s")}
	if err := os.Mkdir(dir.Sockets, 0o700); err != nil {
		t.Fatal(err)
	}
	p := &Process{PID: os.Getpid()}
	for _, wrapped := range []bool{false, true} {
		s := PrivateSocket(dir, wrapped)
		if conn, err := s.Dial(context.Background(), p); err == nil {
			conn.Close()
			t.Error("dialed before the handshake")
		}
	}
	PrivateSocket(dir, true).Retire()
	if _, err := os.Stat(dir.Sockets); !os.IsNotExist(err) {
		t.Errorf("the directory of the socket is still there: %v", err)
	}
}

// stdio is a transport as over a process's own 0 and 1: the host writes the handshake
// line itself, and there is one connection and no address.
type stdio struct{ host net.Conn }

func (stdio) Prepare(*Spec)                {}
func (stdio) Handshake(*Process) io.Reader { return strings.NewReader("1|1|unix|stdio|grpc\n") }
func (stdio) Accept(string, string) error  { return nil }
func (stdio) Retire()                      {}
func (s stdio) Dial(context.Context, *Process) (net.Conn, error) {
	return s.host, nil
}

// TestRunnerOverAnotherTransport: the runner takes the handshake, the address and the
// connection from its transport alone.
func TestRunnerOverAnotherTransport(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	r := NewRunner("test", stdio{ours}, func() (*Process, error) { return &Process{}, nil })
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	line, err := io.ReadAll(r.Stdout())
	if err != nil || string(line) != "1|1|unix|stdio|grpc\n" || r.FirstLine() != "1|1|unix|stdio|grpc" {
		t.Errorf("the handshake: %q, %q, %v", line, r.FirstLine(), err)
	}
	if network, address, err := r.PluginToHost("unix", "stdio"); network != "unix" || address != "stdio" || err != nil {
		t.Errorf("the address: %s %s, %v", network, address, err)
	}
	if conn, err := r.Dial(t.Context(), "anything"); conn != ours || err != nil {
		t.Errorf("the connection: %v, %v", conn, err)
	}
}

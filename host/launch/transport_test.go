package launch

import (
	"context"
	"os"
	"path/filepath"
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

package wire

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// TestServerAnswersTheHostOnly: a connection of this process is served when it
// is the host, and closed before a byte is read when it is not.
func TestServerAnswersTheHostOnly(t *testing.T) {
	for _, c := range []struct {
		name, host string
		served     bool
	}{
		{"the host", strconv.Itoa(os.Getpid()), true},
		{"another process", "1", false},
		{"no host named", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(EnvHost, c.host)
			path := listening(t)
			conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err = NewClient(conn).Describe(ctx, DescribeRequest{})
			if served := errors.Is(err, ErrAbsent); served != c.served {
				t.Errorf("served %t: %v", served, err)
			}
		})
	}
}

// listening is a server without a single method.
func listening(t *testing.T) (path string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hrw.") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(ServerOptions()...)
	t.Cleanup(s.Stop)
	go s.Serve(l)
	return path
}

func TestDialPlugin(t *testing.T) {
	path := listening(t)
	conn, err := DialPlugin(t.Context(), path, os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	var pe *ProtocolError
	if _, err := DialPlugin(t.Context(), path, 1); !errors.As(err, &pe) {
		t.Errorf("this process passes for process 1: %v", err)
	}
}

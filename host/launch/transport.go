package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/hrhost/hrhost/internal/wire"
)

// Transport is how the host reaches the plugin of one process. Its methods are called
// in the order in which they stand here.
type Transport interface {
	// Prepare adds to the launch what the plugin's end needs: variables, descriptors.
	Prepare(*Spec)
	// Handshake is what go-plugin reads its handshake line from.
	Handshake(*Process) io.Reader
	// Accept checks the address in the handshake line, which is the plugin's word.
	Accept(network, address string) error
	// Dial connects to the process at that address. A process that is not the
	// plugin is a *wire.ProtocolError.
	Dial(context.Context, *Process) (net.Conn, error)
	// Retire lets no other connection come about. The one that was made stays.
	Retire()
}

// privateSocket is a socket that the plugin makes in its private directory and names
// in the handshake line on its stdout.
type privateSocket struct {
	dir     string
	checked bool // both ends know each other's process
	address atomic.Pointer[string]
}

// PrivateSocket returns the transport over a socket in dir.Sockets. On Linux both ends
// can ask the kernel for the process at the other end, unless a wrapper stands between.
func PrivateSocket(dir *Dir, wrapped bool) Transport {
	return &privateSocket{dir: dir.Sockets, checked: runtime.GOOS == "linux" && !wrapped}
}

func (s *privateSocket) Prepare(spec *Spec) {
	if s.checked {
		spec.Env = append(spec.Env, wire.EnvHost+"="+strconv.Itoa(os.Getpid()))
	}
}

func (s *privateSocket) Handshake(p *Process) io.Reader { return p.Stdout() }

func (s *privateSocket) Accept(network, address string) error {
	clean := filepath.Clean(address)
	if network != "unix" || !strings.HasPrefix(clean, s.dir+"/") {
		return fmt.Errorf("the plugin listens on %s %q, which is not a socket in its own directory", network, address)
	}
	s.address.Store(&clean)
	return nil
}

func (s *privateSocket) Dial(ctx context.Context, p *Process) (net.Conn, error) {
	address := s.address.Load()
	if address == nil {
		return nil, errors.New("dialing the plugin: its handshake named no address")
	}
	if s.checked {
		return wire.DialPlugin(ctx, *address, p.PID)
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", *address)
}

// Retire unlinks the socket.
func (s *privateSocket) Retire() { os.RemoveAll(s.dir) }

package bus

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/guard"
)

// writeTimeout ends a connection whose other side does not read.
const writeTimeout = 5 * time.Second

// line is one of a plugin's two connections.
type line struct {
	g      *Gateway
	kind   Kind
	theirs *os.File // the plugin's end
	client net.Conn // ours
	bus    net.Conn // the plugin's connection at the bus
	dir    *directory
	count  int           // messages so far
	ended  chan struct{} // closed once the connection's bad end is told

	out, up sync.Mutex // writing to client, to bus

	mu      sync.Mutex // guards what follows
	own     string     // the unique name that the bus gave
	pending map[uint32]string
	serial  uint32 // of our own messages to the plugin and to the bus
}

// newLine connects a plugin to one bus. On an error it leaves nothing open.
func newLine(g *Gateway, kind Kind, socket string) (*line, error) {
	l := &line{g: g, kind: kind, pending: map[uint32]string{}, serial: 1 << 30, ended: make(chan struct{})}
	if err := l.open(socket); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// open makes the three connections. On an error some of them may be open.
func (l *line) open(socket string) (err error) {
	if l.theirs, l.client, err = socketPair(); err != nil {
		return err
	}
	if l.dir, err = openDirectory(socket); err != nil {
		return err
	}
	l.bus, err = dialBus(socket)
	return err
}

// dialBus keeps a nil pointer out of the interface.
func dialBus(socket string) (net.Conn, error) {
	c, err := dbuswire.Dial(socket)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// socketPair returns one end to be inherited and one to be served.
func socketPair() (*os.File, net.Conn, error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("making a socket pair: %w", err)
	}
	theirs, ours := os.NewFile(uintptr(fds[0]), "bus"), os.NewFile(uintptr(fds[1]), "gateway")
	defer ours.Close()
	c, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return theirs, c, nil
}

func (l *line) close() {
	if l.theirs != nil {
		l.theirs.Close()
	}
	for _, c := range []net.Conn{l.client, l.bus} {
		if c != nil {
			c.Close()
		}
	}
	if l.dir != nil {
		l.dir.close()
	}
}

// carry runs one direction until its error, which ends the other direction too. A
// panic is an error of this connection alone.
func (l *line) carry(direction func() error) {
	defer l.hangUp()
	err := guard.Do(direction)
	if guard.Stack(err) != nil {
		err = fmt.Errorf("%w: %w", ErrFault, err)
		l.g.fault()
	}
	l.g.end(l, err)
}

// outbound reads from the plugin. The kernel drops descriptors that come along:
// no read asks for them.
func (l *line) outbound() error {
	r := bufio.NewReader(l.client)
	for {
		m, err := dbuswire.Read(r, MaxMessage)
		if err == nil {
			err = l.g.handle(l, m)
		}
		if err != nil {
			return err
		}
	}
}

// inbound passes on what the plugin may see.
func (l *line) inbound() error {
	r := bufio.NewReader(l.bus)
	for {
		m, err := dbuswire.Read(r, dbuswire.MaxMessage)
		switch {
		case err == nil:
			err = l.deliver(m)
		case !errors.Is(err, net.ErrClosed): // else it was us
			err = ErrBusClosed
		}
		if err != nil {
			return err
		}
	}
}

// hangUp ends both sides; the other direction notices.
func (l *line) hangUp() {
	l.client.Close()
	l.bus.Close()
}

func (l *line) deliver(m *dbuswire.Message) error {
	switch {
	case m.Type == dbus.TypeMethodReply || m.Type == dbus.TypeError:
		if !l.expected(m) {
			l.g.filtered()
			return nil
		}
		return l.toClient(m, m.Serial)
	case m.Type == dbus.TypeSignal && m.Sender == dbuswire.Bus && m.Interface == dbuswire.Bus && (m.Member == "NameAcquired" || m.Member == "NameLost"):
		return l.toClient(m, m.Serial)
	}
	l.g.filtered()
	if m.Type == dbus.TypeMethodCall && m.Flags&dbus.FlagNoReplyExpected == 0 {
		e := l.refusal(m, dbuswire.ErrorAccessDenied, "the owner is sealed and takes no calls")
		e.Destination, e.Sender = m.Sender, ""
		return l.toBus(e, l.nextSerial())
	}
	return nil
}

// expected says whether a reply answers a call that was sent on.
func (l *line) expected(m *dbuswire.Message) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	method, waits := l.pending[m.ReplySerial]
	delete(l.pending, m.ReplySerial)
	if method == "Hello" && m.Type == dbus.TypeMethodReply && m.Signature == "s" {
		if args, err := m.Args(); err == nil {
			l.own = args[0].(string)
		}
	}
	return waits
}

// forward sends a judged message on.
func (l *line) forward(m *dbuswire.Message) error {
	m.Sender = "" // the bus fills it in
	if m.Type == dbus.TypeMethodCall && m.Flags&dbus.FlagNoReplyExpected == 0 {
		method := ""
		if m.Destination == dbuswire.Bus {
			method = m.Member
		}
		l.mu.Lock()
		l.pending[m.Serial] = method
		n := len(l.pending)
		l.mu.Unlock()
		if n > MaxPending {
			return fmt.Errorf("%w: %d calls wait for their replies", ErrFlood, n)
		}
	}
	return l.toBus(m, m.Serial)
}

// refuse answers a call that is not sent on. What wants no answer gets none.
func (l *line) refuse(m *dbuswire.Message, name, text string) error {
	if m.Type != dbus.TypeMethodCall || m.Flags&dbus.FlagNoReplyExpected != 0 {
		return nil
	}
	return l.toClient(l.refusal(m, name, text), l.nextSerial())
}

func (l *line) refusal(m *dbuswire.Message, name, text string) *dbuswire.Message {
	e := &dbuswire.Message{Type: dbus.TypeError, Sender: dbuswire.Bus, ReplySerial: m.Serial, ErrorName: name}
	e.SetArgs(text)
	return e
}

func (l *line) ownName() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.own
}

func (l *line) nextSerial() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serial++
	return l.serial
}

func (l *line) toClient(m *dbuswire.Message, serial uint32) error {
	err := send(&l.out, l.client, m, serial)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrStalled
	}
	return err
}

func (l *line) toBus(m *dbuswire.Message, serial uint32) error { return send(&l.up, l.bus, m, serial) }

func send(mu *sync.Mutex, c net.Conn, m *dbuswire.Message, serial uint32) error {
	b, err := m.Bytes(serial)
	if err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	c.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err = c.Write(b)
	return err
}

// gone says that a connection ended the ordinary way.
func gone(err error) bool {
	return err == io.EOF || err == io.ErrUnexpectedEOF || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

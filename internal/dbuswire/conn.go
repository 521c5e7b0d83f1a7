package dbuswire

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// dialTimeout is how long a bus may take to let a connection in.
const dialTimeout = 30 * time.Second

// MaxMessage is what a Conn takes of one message, in bytes.
const MaxMessage = 4 << 20

// Conn makes calls over a connection that is authenticated already. It is for
// one goroutine.
type Conn struct {
	rw     io.ReadWriteCloser
	r      *bufio.Reader
	serial uint32
	unique string

	// Timeout bounds each call, 0 for no bound. A call that takes longer closes the
	// connection. The transport must take deadlines.
	Timeout time.Duration

	// Other gets each message that comes in while a call waits for its reply,
	// in the order of the bus. Nil drops them.
	Other func(*Message)
}

// NewConn takes an authenticated connection.
func NewConn(rw io.ReadWriteCloser) *Conn { return &Conn{rw: rw, r: bufio.NewReader(rw)} }

// Close closes the connection.
func (c *Conn) Close() error { return c.rw.Close() }

// Unique is the connection's own name, "" before Hello.
func (c *Conn) Unique() string { return c.unique }

// Error is an error that a peer answered with.
type Error struct{ Name, Text string }

func (e *Error) Error() string { return e.Name + ": " + e.Text }

// Dial connects to the bus at path and authenticates. A path that begins with
// @ is an abstract socket.
func Dial(path string) (*net.UnixConn, error) {
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(dialTimeout))
	if err := authenticate(c); err != nil {
		c.Close()
		return nil, fmt.Errorf("authenticating at %s: %w", path, err)
	}
	c.SetDeadline(time.Time{})
	return c, nil
}

// authenticate is the SASL exchange of the D-Bus specification with the one
// mechanism that buses on Unix sockets have: EXTERNAL, by the caller's uid.
// Descriptors are not negotiated, so that no bus passes any on.
func authenticate(rw io.ReadWriter) error {
	uid := hex.EncodeToString([]byte(strconv.Itoa(os.Getuid())))
	if _, err := io.WriteString(rw, "\x00AUTH EXTERNAL "+uid+"\r\n"); err != nil {
		return err
	}
	var line []byte
	for b := make([]byte, 1); len(line) < 512; line = append(line, b[0]) {
		if _, err := io.ReadFull(rw, b); err != nil {
			return err
		}
		if b[0] == '\n' {
			break
		}
	}
	if answer := strings.TrimSpace(string(line)); !strings.HasPrefix(answer, "OK ") {
		return fmt.Errorf("the bus answers %q", answer)
	}
	_, err := io.WriteString(rw, "BEGIN\r\n")
	return err
}

// Connect is Dial, NewConn and Hello.
func Connect(path string) (*Conn, error) {
	rw, err := Dial(path)
	if err != nil {
		return nil, err
	}
	c := NewConn(rw)
	c.Timeout = dialTimeout
	if err := c.Hello(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Hello gets the connection its unique name, which every bus wants first.
func (c *Conn) Hello() error {
	args, err := c.CallBus("Hello")
	if err != nil {
		return err
	}
	c.unique, _ = first(args).(string)
	return nil
}

func first(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// CallBus calls a method of the bus itself.
func (c *Conn) CallBus(member string, args ...any) ([]any, error) {
	return c.Call(Bus, BusPath, Bus, member, args...)
}

// Call calls a method and waits for its reply. An error reply is an *Error.
func (c *Conn) Call(destination string, path dbus.ObjectPath, iface, member string, args ...any) ([]any, error) {
	m := &Message{Type: dbus.TypeMethodCall, Destination: destination, Path: path, Interface: iface, Member: member}
	if err := m.SetArgs(args...); err != nil {
		return nil, err
	}
	if d, ok := c.rw.(deadliner); ok && c.Timeout > 0 {
		d.SetDeadline(time.Now().Add(c.Timeout))
		defer d.SetDeadline(time.Time{})
	}
	reply, err := c.exchange(m)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.Close() // part of a message may have been read
	}
	return reply, err
}

type deadliner interface{ SetDeadline(time.Time) error }

// exchange sends a call and waits for its reply.
func (c *Conn) exchange(m *Message) ([]any, error) {
	serial, err := c.Send(m)
	if err != nil {
		return nil, err
	}
	for {
		got, err := c.Receive()
		switch {
		case err != nil:
			return nil, err
		case got.ReplySerial == serial && got.Type == dbus.TypeMethodReply:
			return got.Args()
		case got.ReplySerial == serial && got.Type == dbus.TypeError:
			return nil, errorOf(got)
		case c.Other != nil:
			c.Other(got)
		}
	}
}

func errorOf(m *Message) error {
	e := &Error{Name: m.ErrorName}
	if m.Signature == "s" {
		if args, err := m.Args(); err == nil {
			e.Text, _ = first(args).(string)
		}
	}
	return e
}

// Emit posts a signal to everybody. It says nothing about delivery.
func (c *Conn) Emit(path dbus.ObjectPath, iface, member string, args ...any) error {
	m := &Message{Type: dbus.TypeSignal, Path: path, Interface: iface, Member: member}
	if err := m.SetArgs(args...); err != nil {
		return err
	}
	_, err := c.Send(m)
	return err
}

// Reply answers a method call.
func (c *Conn) Reply(to *Message, args ...any) error {
	m := &Message{Type: dbus.TypeMethodReply, Destination: to.Sender, ReplySerial: to.Serial}
	if err := m.SetArgs(args...); err != nil {
		return err
	}
	_, err := c.Send(m)
	return err
}

// Send writes a message and returns its serial.
func (c *Conn) Send(m *Message) (serial uint32, err error) {
	c.serial++
	b, err := m.Bytes(c.serial)
	if err == nil {
		_, err = c.rw.Write(b)
	}
	return c.serial, err
}

// Receive waits for the next message, whatever it is.
func (c *Conn) Receive() (*Message, error) {
	return received(Read(c.r, MaxMessage))
}

// ReceiveReadable waits for the next message that a Conn takes, and drops others:
// for who is written to by everybody.
func (c *Conn) ReceiveReadable() (*Message, error) {
	return received(ReadOn(c.r, MaxMessage))
}

func received(m *Message, err error) (*Message, error) {
	if err == io.EOF {
		err = errors.New("the bus closed the connection")
	}
	return m, err
}

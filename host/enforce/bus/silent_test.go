package bus

import (
	"bufio"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/dbuswire"
)

// silentBus lets connections in and answers what a gateway asks when it starts. It
// passes on the member of every later call, and does not answer.
func silentBus(t *testing.T) (b *Buses, asked chan string) {
	asked = make(chan string, 16)
	socket := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	serve := func(c net.Conn) {
		defer c.Close()
		r := bufio.NewReader(c)
		r.ReadString('\n') // AUTH
		io.WriteString(c, "OK 0\r\n")
		r.ReadString('\n') // BEGIN
		conn := dbuswire.NewConn(struct {
			io.Reader
			io.WriteCloser
		}{r, c}) // r may hold the first call
		for {
			m, err := conn.Receive()
			if err != nil {
				return
			}
			switch m.Member {
			case "Hello":
				conn.Reply(m, ":1.1")
			case "ListActivatableNames":
				conn.Reply(m, []string{})
			default:
				asked <- m.Member
			}
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return &Buses{sockets: [2]string{socket, socket}}, asked
}

// TestCloseWhileTheBusIsSilent: a gateway that waits for an answer of the bus, about a
// name in the message in hand, can be closed.
func TestCloseWhileTheBusIsSilent(t *testing.T) {
	b, asked := silentBus(t)
	g, err := New(enforce.Config{Name: "test", Emit: func(*lane.WitnessRow) {}}, b)
	if err != nil {
		t.Fatal(err)
	}
	g.Serve(testPID)
	c := (&behind{Gateway: g}).raw(t, Session)
	if _, err := c.Write(busCall("GetNameOwner", NameOne)); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != "GetNameOwner" {
		t.Fatalf("the bus was asked %s", got)
	}
	closed := make(chan struct{})
	go func() { g.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(20 * time.Second): // only a fault comes here
		t.Fatal("Close waits for the bus")
	}
}

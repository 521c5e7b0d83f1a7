// Package busestest plays the bus for the tests of the bus families' plugins:
// both connections lead to a function of the test. That real buses answer so is
// shown by the host's tests.
package busestest

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/wire"
)

// Answer says what a bus answers to a message: values, or the name of an error.
// Signals want no answer.
type Answer func(bus string, m *dbuswire.Message) (values []any, errorName string)

// Serve gives this process two buses. Call it once, from TestMain.
func Serve(answer Answer) error {
	for bus, variable := range map[string]string{"session": wire.EnvBusSession, "system": wire.EnvBusSystem} {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return fmt.Errorf("making a bus: %w", err)
		}
		os.Setenv(variable, strconv.Itoa(fds[0]))
		go serve(bus, dbuswire.NewConn(os.NewFile(uintptr(fds[1]), bus)), answer)
	}
	return nil
}

func serve(bus string, c *dbuswire.Conn, answer Answer) {
	for {
		m, err := c.Receive()
		if err != nil {
			return
		}
		values, failed := []any{":1.1"}, ""
		if m.Member != "Hello" {
			values, failed = answer(bus, m)
		}
		switch {
		case m.Type != dbus.TypeMethodCall:
		case failed != "":
			c.Send(&dbuswire.Message{Type: dbus.TypeError, ReplySerial: m.Serial, ErrorName: failed})
		default:
			c.Reply(m, values...)
		}
	}
}

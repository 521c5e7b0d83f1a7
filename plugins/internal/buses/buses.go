// Package buses is the two D-Bus connections that a plugin inherits. The host
// has connected and authenticated them; whether a bus or a gateway is at the
// other end, the plugin cannot tell and need not know.
package buses

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
)

// API is the name of every call over a bus in tables of results. A code is an
// error's name; the number is always 0.
const API = "dbus"

// Session is the session-like bus. Its error says why there is none.
func Session() (*dbuswire.Conn, error) { return session() }

// System is the system-like bus.
func System() (*dbuswire.Conn, error) { return system() }

var (
	session = sync.OnceValues(func() (*dbuswire.Conn, error) {
		return open("session", wire.EnvBusSession, wire.EnvBusSessionPath)
	})
	system = sync.OnceValues(func() (*dbuswire.Conn, error) {
		return open("system", wire.EnvBusSystem, wire.EnvBusSystemPath)
	})
)

// open says Hello: until then no bus takes anything else.
func open(name, descriptor, path string) (*dbuswire.Conn, error) {
	c, err := connected(name, descriptor, path)
	if err != nil {
		return nil, err
	}
	if err := c.Hello(); err != nil {
		return nil, fmt.Errorf("greeting the %s bus: %w", name, err)
	}
	return c, nil
}

// connected takes the inherited connection or, under somebody else's wrapper,
// which must be able to hide a bus, connects by itself.
func connected(name, descriptor, path string) (*dbuswire.Conn, error) {
	if at := os.Getenv(path); at != "" {
		c, err := dbuswire.Dial(at)
		if err != nil {
			return nil, &unreachable{err}
		}
		return dbuswire.NewConn(c), nil
	}
	fd, err := strconv.Atoi(os.Getenv(descriptor))
	if err != nil {
		return nil, fmt.Errorf("no %s bus was inherited", name)
	}
	return dbuswire.NewConn(os.NewFile(uintptr(fd), name+" bus")), nil
}

// unreachable is a bus that a wrapper keeps the plugin from.
type unreachable struct{ err error }

func (u *unreachable) Error() string { return "connecting to the bus: " + u.err.Error() }
func (u *unreachable) Unwrap() error { return u.err }

// Attempt makes one attempt over a bus. That the bus cannot be reached is the
// attempt's result when the plugin had to connect by itself: the connecting is
// then what a wrapper has a say in. Otherwise there is no attempt without a bus.
func Attempt(rec *sdk.Recorder, c sdk.Call, open func() (*dbuswire.Conn, error), do func(*dbuswire.Conn) (string, error)) error {
	bus, err := open()
	var gone *unreachable
	if err != nil && !errors.As(err, &gone) {
		return err
	}
	return rec.Attempt(c, func() (string, error) {
		if gone != nil {
			return "", sdk.In(connect, gone.err)
		}
		return do(bus)
	})
}

const connect = "connect"

// Unreachable is the row of a table of results for a bus that is not there.
func Unreachable() sdk.Result {
	return sdk.Result{API: connect, Errno: syscall.ENOENT, Class: sdk.Missing,
		Source: "connect(2), unix(7): the socket does not exist, as far as the process can see"}
}

// Result turns an error that the bus answered with into a probe's result.
func Result(err error) error {
	var answered *dbuswire.Error
	if errors.As(err, &answered) {
		return &sdk.Native{API: API, Name: answered.Name}
	}
	return err
}

// Code is a row of a table of results for an error of the bus.
func Code(name string, class sdk.Class, source string) sdk.Result {
	return sdk.Result{API: API, Native: &sdk.Native{API: API, Name: name}, Class: class, Source: source}
}

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
	session = sync.OnceValues(func() (*dbuswire.Conn, error) { return open("session", wire.EnvBusSession) })
	system  = sync.OnceValues(func() (*dbuswire.Conn, error) { return open("system", wire.EnvBusSystem) })
)

// open says Hello: until then no bus takes anything else.
func open(name, variable string) (*dbuswire.Conn, error) {
	fd, err := strconv.Atoi(os.Getenv(variable))
	if err != nil {
		return nil, fmt.Errorf("no %s bus was inherited", name)
	}
	c := dbuswire.NewConn(os.NewFile(uintptr(fd), name+" bus"))
	if err := c.Hello(); err != nil {
		return nil, fmt.Errorf("greeting the %s bus: %w", name, err)
	}
	return c, nil
}

// Result turns an error that the bus answered with into a probe's result.
func Result(err error) error {
	var answered *dbuswire.Error
	if errors.As(err, &answered) {
		return &sdk.Error{API: API, Name: answered.Name}
	}
	return err
}

// Code is a row of a table of results for an error of the bus.
func Code(name string, class sdk.Class, source string) sdk.Result {
	return sdk.Result{API: API, Native: &sdk.Native{API: API, Name: name}, Class: class, Source: source}
}

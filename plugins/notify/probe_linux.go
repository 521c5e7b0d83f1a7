package notify

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/plugins/internal/buses"
	"github.com/hrhost/hrhost/sdk"
)

var carriers = map[string]string{
	"darwin-notification-post":      "dbus signal NAME, system-like bus",
	"distributed-notification-post": "dbus signal NAME, session-like bus",
}

var dependencies []string // the bus is there already

var beforeSeal func() error

func postDarwin(rec *sdk.Recorder) error { return post(rec, buses.System, "system-like bus") }

func postDistributed(rec *sdk.Recorder) error { return post(rec, buses.Session, "session-like bus") }

func post(rec *sdk.Recorder, open func() (*dbuswire.Conn, error), where string) error {
	name := rec.Target()
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return fmt.Errorf("%q has no interface and member", name)
	}
	signal := &dbuswire.Message{Type: dbuswire.Signal, Path: path, Interface: name[:i], Member: name[i+1:]}
	if err := signal.SetArgs(rec.Nonce()); err != nil {
		return err
	}
	if _, err := signal.Bytes(1); err != nil {
		return fmt.Errorf("%q is no signal: %w", name, err)
	}
	return buses.Attempt(rec, sdk.Call{API: buses.API, Carrier: "dbus signal " + name + ", " + where, Filter: name}, open,
		func(bus *dbuswire.Conn) (string, error) { return "", send(bus, signal) })
}

// path is where the signal says that it comes from. Nobody asks for it.
const path = "/org/hrhost/probe"

// send posts and then makes a round trip: when it returns, the bus has passed
// the signal on, or whoever stands before the bus has judged it.
func send(bus *dbuswire.Conn, signal *dbuswire.Message) error {
	if _, err := bus.Send(signal); err != nil {
		return err
	}
	_, err := bus.CallBus("GetId")
	return sdk.In("barrier", buses.Result(err))
}

func results() []sdk.Result {
	return []sdk.Result{
		{API: buses.API, Class: sdk.OK, Source: "D-Bus specification: a signal has no reply; only its delivery shows anything"},
		buses.Unreachable(),
		buses.Code(dbuswire.ErrorAccessDenied, sdk.Denied, "D-Bus specification: a bus may answer a refused message so; the gateway drops a denied signal without a word"),
	}
}

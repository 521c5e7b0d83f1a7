package mach

import (
	"fmt"
	"io"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/plugins/internal/buses"
	"github.com/hrhost/hrhost/sdk"
)

// handle is what a look-up answers: the owner's unique name, to which one can
// talk without the name that was looked up.
func handle() *sdk.Handle {
	return &sdk.Handle{Kind: "unique name of a bus name's owner", Acquire: hold, Use: callHeld}
}

// owner is a resolved name. There is nothing to close: the bus keeps no record
// of who knows a unique name.
type owner struct{ name, unique string }

func (owner) Close() error { return nil }

func hold(name string) (io.Closer, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	bus, err := buses.Session()
	if err != nil {
		return nil, err
	}
	got, err := bus.CallBus("GetNameOwner", name)
	if err != nil {
		return nil, err
	}
	unique, ok := "", false
	if len(got) == 1 {
		unique, ok = got[0].(string)
	}
	if !ok || !dbuswire.ValidName(unique) {
		return nil, fmt.Errorf("GetNameOwner %s answered %v", name, got)
	}
	return owner{name, unique}, nil
}

func callHeld(rec *sdk.Recorder, held io.Closer) error {
	o := held.(owner)
	c := sdk.Call{API: buses.API, Carrier: "dbus call held owner " + o.name, Filter: o.name}
	return buses.Attempt(rec, c, buses.Session, func(bus *dbuswire.Conn) (string, error) {
		_, err := bus.Call(o.unique, "/", "org.freedesktop.DBus.Peer", "Ping")
		return "", buses.Result(err)
	})
}

// dependencies: the owner may own other names too, and each must be allowed.
func dependencies() []string { return []string{"mach-lookup"} }

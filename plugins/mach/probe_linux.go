package mach

import (
	"fmt"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/plugins/internal/buses"
	"github.com/hrhost/hrhost/sdk"
)

const (
	lookupCarrier   = "dbus GetNameOwner NAME"
	registerCarrier = "dbus RequestName NAME"

	// policyFirst: the gateway asks the policy before the bus is asked for the
	// name (measured, docs/linux-bus.md).
	policyFirst = true
)

const (
	noOwner = "false" // NameHasOwner has no error for it
	exists  = "exists"
)

func lookup(rec *sdk.Recorder) error {
	name := rec.Target()
	if err := check(name); err != nil {
		return err
	}
	return buses.Attempt(rec, sdk.Call{API: buses.API, Carrier: "dbus " + form + " " + name, Filter: name}, buses.Session,
		func(bus *dbuswire.Conn) (string, error) { return look(bus, name) })
}

// look asks in the form in force.
func look(bus *dbuswire.Conn, name string) (string, error) {
	var got []any
	var err error
	switch form {
	case "call":
		got, err = bus.Call(name, "/", "org.freedesktop.DBus.Peer", "Ping")
	case "StartServiceByName":
		got, err = bus.CallBus(form, name, uint32(0))
	default:
		got, err = bus.CallBus(form, name)
	}
	if err != nil {
		return "", buses.Result(err)
	}
	if form == "NameHasOwner" && len(got) == 1 && got[0] == false {
		return "", &sdk.Native{API: buses.API, Name: noOwner}
	}
	return fmt.Sprint(got...), nil
}

func register(rec *sdk.Recorder) error {
	name := rec.Target()
	if err := check(name); err != nil {
		return err
	}
	err := buses.Attempt(rec, sdk.Call{API: buses.API, Carrier: "dbus RequestName " + name, Filter: name}, buses.Session,
		func(bus *dbuswire.Conn) (string, error) { return request(bus, name) })
	if err != nil {
		return err
	}
	bus, err := buses.Session()
	if err != nil {
		return err
	}
	if _, err := bus.CallBus("ReleaseName", name); err != nil {
		return fmt.Errorf("giving %s back: %w", name, err)
	}
	return nil
}

// doNotQueue asks for a name now or not at all; the answers are in the D-Bus
// specification under RequestName.
const (
	doNotQueue   = uint32(4)
	primaryOwner = uint32(1)
)

func request(bus *dbuswire.Conn, name string) (string, error) {
	got, err := bus.CallBus("RequestName", name, doNotQueue)
	if err != nil {
		return "", buses.Result(err)
	}
	if len(got) != 1 || got[0] != primaryOwner {
		return "", &sdk.Native{API: buses.API, Name: exists}
	}
	return "primary owner", nil
}

func check(name string) error {
	if !dbuswire.ValidName(name) {
		return fmt.Errorf("%q is no bus name", name)
	}
	return nil
}

func lookupResults() []sdk.Result {
	return []sdk.Result{
		{API: buses.API, Class: sdk.OK, Source: "D-Bus specification: a reply that is no error"},
		denied(),
		buses.Unreachable(),
		buses.Code(dbuswire.ErrorNameHasNoOwner, sdk.Missing, "D-Bus specification, GetNameOwner: the name has no owner"),
		buses.Code(dbuswire.ErrorServiceUnknown, sdk.Missing, "measured: dbus-daemon answers so when nobody owns a name and no file says how to start its owner"),
		buses.Code(noOwner, sdk.Missing, "D-Bus specification, NameHasOwner: it answers false"),
	}
}

func registerResults() []sdk.Result {
	return []sdk.Result{
		{API: buses.API, Class: sdk.OK, Source: "D-Bus specification, RequestName: 1, the caller is now the primary owner"},
		denied(),
		buses.Unreachable(),
		buses.Code(exists, sdk.Other, "D-Bus specification, RequestName: 3, somebody else owns the name"),
	}
}

func denied() sdk.Result {
	return buses.Code(dbuswire.ErrorAccessDenied, sdk.Denied, "measured: the gateway answers a denied call so; a bus's own policy does too")
}

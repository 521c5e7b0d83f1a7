package mach

import (
	"errors"
	"io"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/sdk"
)

// handle is a send right that was looked up before sealing.
// fact:apply.descriptors-survive
func handle() *sdk.Handle {
	return &sdk.Handle{Kind: "send right to a service", Acquire: hold, Use: giveBack}
}

// right is a held send right, until it is given back.
type right struct {
	name string
	port darwin.Port
}

func (r *right) Close() error {
	if r.port == 0 {
		return nil
	}
	return r.port.Release()
}

func hold(name string) (io.Closer, error) {
	port, kr, err := darwin.LookUp(name)
	if err != nil {
		return nil, err
	}
	if _, err := result(kr); err != nil {
		return nil, err
	}
	return &right{name, port}, nil
}

const heldAPI = "mach_port_deallocate"

// giveBack shows that the right is still there by giving it back: that needs no
// message, which the service might act on.
func giveBack(rec *sdk.Recorder, held io.Closer) error {
	r := held.(*right)
	port := r.port
	r.port = 0
	rec.Attempt(sdk.Call{API: heldAPI, Carrier: "mach_port_deallocate, held right to " + r.name, Filter: r.name},
		func() (string, error) { return "", released(port.Release()) })
	return nil
}

// released is mach_port_deallocate's own code for a right that is not there.
func released(err error) error {
	var f *darwin.Failure
	if errors.As(err, &f) {
		return &sdk.Native{API: heldAPI, Code: int64(f.RC)}
	}
	return err
}

func dependencies() []string { return nil }

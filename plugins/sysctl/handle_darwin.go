package sysctl

import (
	"fmt"
	"io"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/sdk"
)

// handle is a parameter's number, got before sealing: whether a policy is asked
// at the translation of the name, at the reading, or at both.
func handle() *sdk.Handle {
	return &sdk.Handle{Kind: "number (MIB) of a parameter", Acquire: hold, Use: readHeld}
}

// number is a translated name. There is nothing to close.
type number struct {
	name string
	mib  []int32
}

func (number) Close() error { return nil }

func hold(name string) (io.Closer, error) {
	mib, err := darwin.MIB(name)
	if err != nil {
		return nil, err
	}
	return number{name, mib}, nil
}

const heldAPI = "sysctl"

func readHeld(rec *sdk.Recorder, held io.Closer) error {
	n := held.(number)
	rec.Attempt(sdk.Call{API: heldAPI, Carrier: fmt.Sprintf("sysctl %v, held number of %s", n.mib, n.name), Filter: n.name},
		func() (string, error) {
			buffer := make([]byte, maxValue)
			length, err := darwin.SysctlMIB(n.mib, buffer)
			return shown(buffer[:length]), err
		})
	return nil
}

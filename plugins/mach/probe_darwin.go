package mach

import (
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

const (
	api             = "bootstrap_look_up"
	lookupCarrier   = "bootstrap_look_up NAME"
	registerCarrier = "bootstrap_check_in NAME"
	policyFirst     = true // servers.defs: 1102 comes after the sandbox was asked
)

func lookup(rec *sdk.Recorder) error {
	rec.Skip("Seatbelt comes with a later step")
	return nil
}

func register(rec *sdk.Recorder) error { return lookup(rec) }

// lookupResults will have bootstrap's own codes; EPERM keeps the table whole
// until then.
func lookupResults() []sdk.Result {
	return []sdk.Result{{API: api, Errno: syscall.EPERM, Class: sdk.Denied, Source: "not used yet"}}
}

func registerResults() []sdk.Result { return lookupResults() }

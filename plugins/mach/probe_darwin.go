package mach

import (
	"fmt"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/sdk"
)

const (
	api             = "bootstrap_look_up"
	lookupCarrier   = "bootstrap_look_up NAME"
	registerCarrier = "bootstrap_check_in NAME"

	// policyFirst: launchd asks the sandbox before it looks for the name. A
	// denied name that nobody registered answers 1100. fact:mach.denied
	policyFirst = true
)

// Codes of bootstrap_look_up (bootstrap.h).
const (
	notPrivileged  = 1100
	unknownService = 1102
)

func lookup(rec *sdk.Recorder) error {
	name := rec.Target()
	var port darwin.Port
	var fault error
	result := rec.Attempt(sdk.Call{API: api, Carrier: "bootstrap_look_up " + name, Filter: name}, func() (string, error) {
		var kr darwin.KernReturn
		if port, kr, fault = darwin.LookUp(name); fault != nil {
			return "", fault
		}
		return result(kr)
	})
	if result != nil {
		return fault
	}
	return port.Release()
}

// result reads a kern_return_t.
func result(kr darwin.KernReturn) (string, error) {
	if kr == 0 {
		return "send right", nil
	}
	return "", &sdk.Native{API: api, Code: int64(kr), Name: names[kr]}
}

var names = map[darwin.KernReturn]string{
	notPrivileged:  "BOOTSTRAP_NOT_PRIVILEGED",
	unknownService: "BOOTSTRAP_UNKNOWN_SERVICE",
}

// register is not for macOS: launchd lets a process check in only the names that
// its job declares, so that an undeclared name fails without any sandbox.
func register(*sdk.Recorder) error { return fmt.Errorf("mach-register has no probe on macOS") }

func lookupResults() []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "bootstrap.h"},
		{API: heldAPI, Errno: 0, Class: sdk.OK, Source: "mach_port.h"},
		code(notPrivileged, sdk.Denied, "launchd core.c job_mig_look_up2; measured on 14.4.1 by Protonk/sandbox-boostrap"),
		code(unknownService, sdk.Missing, "bootstrap.h; measured on 14.4.1 by Protonk/sandbox-boostrap"), // fact:mach.missing
	}
}

func code(kr darwin.KernReturn, class sdk.Class, source string) sdk.Result {
	return sdk.Result{API: api, Native: &sdk.Native{API: api, Code: int64(kr), Name: names[kr]}, Class: class, Source: source}
}

func registerResults() []sdk.Result { return lookupResults() }

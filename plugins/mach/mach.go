// Package mach is the probe family of service names: looking one up and
// registering one. On Linux the names are those of a D-Bus bus, which the
// carriers say: such a look-up is never quoted as Seatbelt's.
package mach

import (
	"github.com/hrhost/hrhost/sdk"
)

// InDefaultPlan is true where config.toml has profiles of this family.
const InDefaultPlan = true

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "mach",
		Version: "0.1.0",
		Doc: "Service names. On Linux they are names on the session-like bus; the fixtures are " +
			"org.hrhost.fixture.One, .Also and .Two, which are owned, .Lazy, whose owner the bus can start, " +
			"and any other name below org.hrhost.fixture, which nobody owns." + optionsDoc(),
		Configure:     configure,
		OptionsSchema: optionsSchema(),
		Probes: []*sdk.Probe{
			{
				Operation:             "mach-lookup",
				Filter:                "global-name",
				Purpose:               "Looks one service name up.",
				Carrier:               lookupCarrier,
				Results:               lookupResults(),
				PolicyBeforeExistence: policyFirst,
				Dependencies:          dependencies(),
				Platforms:             []sdk.Platform{sdk.Linux, sdk.MacOS},
				Handle:                handle(),
				Run:                   lookup,
				Enumerate:             listed,
			},
			{
				Operation: "mach-register",
				Filter:    "global-name",
				Purpose:   "Registers one service name and gives it back.",
				Carrier:   registerCarrier,
				Results:   registerResults(),
				Platforms: []sdk.Platform{sdk.Linux}, // docs/macos.md says why
				Run:       register,
			},
		},
	}
}

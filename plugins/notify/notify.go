// Package notify is the probe family of notifications: posting one by name. A
// post that succeeds proves nothing. Each carries a nonce, and the host asks a
// subscriber in another process which nonces arrived.
package notify

import (
	"github.com/hrhost/hrhost/sdk"
)

// InDefaultPlan is true where config.toml has profiles of this family.
const InDefaultPlan = true

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "notify",
		Version: "0.1.0",
		Doc: "Notifications by name. On Linux a notification is a D-Bus signal to everybody, and its name is " +
			"the signal's interface and member: org.hrhost.test.Posted. Darwin notifications go to the " +
			"system-like bus, distributed ones to the session-like bus. Names cannot be listed: " +
			"a name is made by whoever posts it, and nobody keeps a list.",
		BeforeSeal: beforeSeal,
		Probes: []*sdk.Probe{
			probe("darwin-notification-post", "Posts one Darwin notification.", postDarwin),
			probe("distributed-notification-post", "Posts one distributed notification.", postDistributed),
		},
	}
}

func probe(operation, purpose string, run func(*sdk.Recorder) error) *sdk.Probe {
	return &sdk.Probe{
		Operation:        operation,
		Filter:           "notification-name",
		Purpose:          purpose,
		Carrier:          carriers[operation],
		Results:          results(),
		OneWay:           true,
		ObservableEffect: true,
		Dependencies:     dependencies,
		Platforms:        []sdk.Platform{sdk.Linux, sdk.MacOS},
		Run:              run,
	}
}

// Package notifyplain is the probe family of plain Darwin notifications on macOS: a
// notify_post without the option by which notifyd asks the sandbox. It shows that such
// a post passes whatever the policy says of darwin-notification-post. The option holds
// for a whole process, so the judged post is another family, notify.
package notifyplain

import (
	"github.com/hrhost/hrhost/sdk"
)

// InDefaultPlan is true where config.toml has profiles of this family. No enforcement
// point judges the post, so that no profile of a plan could expect a decision.
const InDefaultPlan = false

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "notifyplain",
		Version: "0.1.0",
		Doc: "Plain Darwin notifications on macOS. notifyd asks the sandbox about filtered posts only, so a row " +
			"has an effect and no decision: an effect that is seen under a profile that denies the name is the " +
			"finding. On Linux there is nothing of the kind.",
		Probes: []*sdk.Probe{{
			Operation:        "darwin-notification-post",
			Filter:           "notification-name",
			Purpose:          "Posts one Darwin notification that is not filtered.",
			Carrier:          carrier + " NAME, plain",
			Results:          results(),
			OneWay:           true,
			ObservableEffect: true,
			Dependencies:     []string{"mach-lookup"},
			Platforms:        []sdk.Platform{sdk.MacOS},
			Run:              post,
		}},
	}
}

const carrier = "notify_post"

//go:build ignore

package notifyplain

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

// TestProbes: the played centre answers com.example.filtered with 0 to those only who
// have set the option.
func TestProbes(t *testing.T) {
	for name, class := range map[string]sdk.Class{"com.example.x": sdk.OK, "com.example.filtered": sdk.Denied, "com.example.denied": sdk.Other} {
		spec := Spec()
		spec.Probes[0].Platforms = []sdk.Platform{sdk.Linux} // on which macOS is played
		sdktest.ProbeTest{Spec: spec, Operation: "darwin-notification-post", Target: name,
			Want: sdktest.Want{Class: class, Effect: sdk.EffectUnobservable, Carrier: "notify_post " + name + ", plain", Filter: name}}.Run(t)
	}
}

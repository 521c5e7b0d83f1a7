//go:build ignore

package notify

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

func TestProbes(t *testing.T) {
	for name, class := range map[string]sdk.Class{"com.example.x": sdk.OK, "com.example.filtered": sdk.OK, "com.example.refused": sdk.Denied, "com.example.denied": sdk.Other} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "darwin-notification-post", Target: name,
			Want: sdktest.Want{Class: class, Effect: sdk.EffectUnobservable, Carrier: "notify_post " + name + ", filtered", Filter: name}}.Run(t)
	}
	sdktest.ProbeTest{Spec: Spec(), Operation: "distributed-notification-post", Target: "com.example.x",
		Want: sdktest.Want{Class: sdk.OK, Effect: sdk.EffectUnobservable}}.Run(t)
}

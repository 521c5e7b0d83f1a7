//go:build ignore

package mach

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

func TestProbes(t *testing.T) {
	for name, class := range map[string]sdk.Class{
		"com.example.service": sdk.OK, "com.example.denied": sdk.Denied, "org.nobody": sdk.Missing, "com.example.odd": sdk.Other,
	} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "mach-lookup", Target: name,
			Want: sdktest.Want{Class: class, Effect: sdk.EffectUnobservable, Carrier: "bootstrap_look_up " + name, Filter: name}}.Run(t)
	}
	held := sdktest.ProbeTest{Spec: Spec(), Operation: "mach-lookup", Target: "com.example.service", Arm: sdk.Before, Want: sdktest.Want{Class: sdk.OK}}.Run(t)
	if held.API != "mach_port_deallocate" {
		t.Errorf("the held right: %+v", held)
	}
	sdktest.ProbeTest{Spec: Spec(), Operation: "mach-lookup", Target: "com.example.service", Arm: sdk.Again, Want: sdktest.Want{Class: sdk.OK}}.Run(t)
}

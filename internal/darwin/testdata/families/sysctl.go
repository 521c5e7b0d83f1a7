//go:build ignore

package sysctl

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

func TestProbes(t *testing.T) {
	for name, class := range map[string]sdk.Class{
		"kern.ostype": sdk.OK, "kern.denied": sdk.Denied, "kern.missing": sdk.Missing, "kern.huge": sdk.Other,
	} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "sysctl-read", Target: name,
			Want: sdktest.Want{Class: class, Carrier: "sysctlbyname " + name, Filter: name}}.Run(t)
	}
	sdktest.ProbeTest{Spec: Spec(), Operation: "sysctl-write", Target: "kern.ostype", Want: sdktest.Want{Class: sdk.Denied}}.Run(t)
	sdktest.ProbeTest{Spec: Spec(), Operation: "sysctl-write", Target: "kern.missing", Want: sdktest.Want{Skipped: true}}.Run(t)
	for name, class := range map[string]sdk.Class{"kern.ostype": sdk.OK, "kern.denied": sdk.Denied} {
		got := sdktest.ProbeTest{Spec: Spec(), Operation: "sysctl-read", Target: name, Arm: sdk.Before, Want: sdktest.Want{Class: class}}.Run(t)
		if got.API != "sysctl" {
			t.Errorf("the held number: %+v", got)
		}
	}
}

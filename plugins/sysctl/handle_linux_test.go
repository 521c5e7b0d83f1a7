package sysctl

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestArms(t *testing.T) {
	for arm, carrier := range map[sdk.Arm]string{
		sdk.Before: "pread held /proc/sys/kernel/ostype", sdk.Again: "open /proc/sys/kernel/ostype",
	} {
		got := sdktest.ProbeTest{
			Spec: Spec(), Operation: "sysctl-read", Target: "kernel.ostype", Arm: arm,
			Want: sdktest.Want{Class: sdk.OK, Carrier: carrier, Filter: "kernel.ostype"},
		}.Run(t)
		if got.Value != "Linux" {
			t.Errorf("%s: value is %q", arm, got.Value)
		}
	}
}

func TestNothingToHold(t *testing.T) {
	for operation, target := range map[string]string{"sysctl-read": "kernel.no_such_name", "sysctl-write": "kernel.ostype"} {
		sdktest.ProbeTest{
			Spec: Spec(), Operation: operation, Target: target, Arm: sdk.Before, Want: sdktest.Want{Skipped: true},
		}.Run(t)
	}
}

package main

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestPlugin(t *testing.T) {
	sdktest.SpecTest(t, spec())
	for target, class := range map[string]sdk.Class{"kernel.ostype": sdk.OK, "kernel.none": sdk.Missing} {
		sdktest.ProbeTest{Spec: spec(), Operation: "sysctl-read", Target: target, Want: sdktest.Want{Class: class}}.Run(t)
	}
}

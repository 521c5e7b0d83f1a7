package main

import (
	"runtime"
	"testing"

	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestBinary(t *testing.T) {
	binary := installation.Built("hrhost-probe-sysctl")
	if binary == "" {
		binary = sdktest.Build(t, ".")
	}
	t.Run("conformance", func(t *testing.T) { sdktest.Conformance(t, binary) })
	t.Run("sealed", func(t *testing.T) { sealed(t, binary) })
}

func sealed(t *testing.T, binary string) {
	target := "kernel.ostype"
	if runtime.GOOS == "darwin" {
		target = "kern.ostype"
	}
	for profile, decision := range map[string]sdktest.Decision{
		"../../../sb/sysctl_canary.sb": sdktest.Allow, "../../../sb/sysctl_deny.sb": sdktest.Deny,
	} {
		sdktest.ProbeTest{
			Operation: "sysctl-read", Target: target, Want: sdktest.Want{Decision: decision},
		}.RunSealed(t, binary, profile)
	}
}

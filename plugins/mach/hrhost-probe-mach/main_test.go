package main

import (
	"runtime"
	"testing"

	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestBinary(t *testing.T) {
	binary := installation.Built("hrhost-probe-mach")
	if binary == "" {
		binary = sdktest.Build(t, ".")
	}
	t.Run("conformance", func(t *testing.T) { sdktest.Conformance(t, binary) })
	t.Run("sealed", func(t *testing.T) { sealed(t, binary) })
}

func sealed(t *testing.T, binary string) {
	target := "org.hrhost.fixture.One"
	if runtime.GOOS == "darwin" {
		target = "com.apple.system.logger"
	}
	for profile, decision := range map[string]sdktest.Decision{
		"../../../sb/mach_canary.sb": sdktest.Allow, "../../../sb/mach_deny.sb": sdktest.Deny,
	} {
		sdktest.ProbeTest{
			Operation: "mach-lookup", Target: target, Want: sdktest.Want{Decision: decision},
		}.RunSealed(t, binary, profile)
	}
}

package main

import (
	"testing"

	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestBinary(t *testing.T) {
	binary := installation.Built("hrhost-probe-signal")
	if binary == "" {
		binary = sdktest.Build(t, ".")
	}
	t.Run("conformance", func(t *testing.T) { sdktest.Conformance(t, binary) })
	t.Run("sealed", func(t *testing.T) { sealed(t, binary) })
}

func sealed(t *testing.T, binary string) {
	for profile, decision := range map[string]sdktest.Decision{
		"../../../sb/signal_canary.sb": sdktest.Allow, "../../../sb/signal_deny.sb": sdktest.Deny,
	} {
		sdktest.ProbeTest{
			Operation: "signal", Target: "child", Want: sdktest.Want{Decision: decision},
		}.RunSealed(t, binary, profile)
	}
}

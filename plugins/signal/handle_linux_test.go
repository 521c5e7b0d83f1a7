package signal

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestArms(t *testing.T) {
	for arm, carrier := range map[sdk.Arm]string{
		sdk.Before: "pidfd_send_signal held ", sdk.Again: "pidfd_open, pidfd_send_signal ",
	} {
		for _, target := range []string{"self", "child", "sibling"} {
			sdktest.ProbeTest{
				Spec: Spec(), Operation: "signal", Target: target, Arm: arm,
				Want: sdktest.Want{Class: sdk.OK, Effect: sdk.EffectSeen, Carrier: carrier + target + " SIGUSR1"},
			}.Run(t)
		}
		sdktest.ProbeTest{
			Spec: Spec(), Operation: "signal", Target: "missing", Arm: arm, Want: sdktest.Want{Skipped: true},
		}.Run(t)
	}
}

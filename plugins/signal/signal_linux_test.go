package signal

import (
	"fmt"
	"os"
	"testing"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestMain(m *testing.M) { sdktest.Main(m, Spec()) }

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

func TestAcknowledged(t *testing.T) {
	for _, target := range []string{"self", "child", "sibling"} {
		sdktest.ProbeTest{
			Spec: Spec(), Operation: "signal", Target: target,
			Want: sdktest.Want{Class: sdk.OK, Effect: sdk.EffectSeen, Carrier: "kill " + target + " SIGUSR1"},
		}.Run(t)
	}
}

func TestSelfIsThisProcess(t *testing.T) {
	for range 2 { // the handler stays
		sdktest.ProbeTest{
			Spec: Spec(), Operation: "signal", Target: "self",
			Want: sdktest.Want{Effect: sdk.EffectSeen, Filter: fmt.Sprintf("pid:%d", os.Getpid())},
		}.Run(t)
	}
}

func TestMissing(t *testing.T) {
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "signal", Target: "missing",
		Want: sdktest.Want{
			Class: sdk.Missing, Effect: sdk.EffectUnobservable, Carrier: "kill missing 0",
			Filter: fmt.Sprintf("pid:%d", processes.MissingPID),
		},
	}.Run(t)
}

func TestPid1GetsNothing(t *testing.T) {
	got := sdktest.ProbeTest{
		Spec: Spec(), Operation: "signal", Target: "pid1",
		Want: sdktest.Want{Effect: sdk.EffectUnobservable, Carrier: "kill pid1 0", Filter: "pid:1"},
	}.Run(t)
	if got.Class != sdk.OK && got.Class != sdk.Denied {
		t.Errorf("got %+v", got)
	}
}

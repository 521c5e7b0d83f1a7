package procinfo

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestMain(m *testing.M) { sdktest.Main(m, Spec()) }

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

func TestSelf(t *testing.T) {
	pid := os.Getpid()
	got := sdktest.ProbeTest{
		Spec: Spec(), Operation: "process-info-pidinfo", Target: "self",
		Want: sdktest.Want{
			Class: sdk.OK, Effect: sdk.EffectUnobservable,
			Carrier: fmt.Sprintf("open /proc/%d/stat", pid), Filter: fmt.Sprintf("pid:%d", pid),
		},
	}.Run(t)
	if !strings.HasPrefix(got.Value, fmt.Sprintf("%d (", pid)) {
		t.Errorf("value is %q", got.Value)
	}
}

func TestTargets(t *testing.T) {
	for _, operation := range []string{"process-info-pidinfo", "process-info-pidfdinfo", "process-info-rusage"} {
		for _, target := range []string{"self", "child", "sibling"} {
			got := sdktest.ProbeTest{
				Spec: Spec(), Operation: operation, Target: target,
				Want: sdktest.Want{Class: sdk.OK},
			}.Run(t)
			if got.Value == "" {
				t.Errorf("%s %s: no value", operation, target)
			}
		}
		sdktest.ProbeTest{
			Spec: Spec(), Operation: operation, Target: "missing",
			Want: sdktest.Want{Class: sdk.Missing, Filter: fmt.Sprintf("pid:%d", processes.MissingPID)},
		}.Run(t)
	}
}

func TestPid1(t *testing.T) {
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "process-info-pidinfo", Target: "pid1",
		Want: sdktest.Want{Filter: "pid:1"},
	}.Run(t)
}

// TestEnumerate: every process but the one that lists, and each can be asked
// about by the target that it is listed as.
func TestEnumerate(t *testing.T) {
	got := sdktest.Targets(t, Spec(), "process-info-pidinfo")
	if slices.Contains(got, fmt.Sprintf("pid:%d", os.Getpid())) || !slices.Contains(got, "pid:1") {
		t.Errorf("listed %q", got)
	}
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "process-info-pidinfo", Target: "pid:1",
		Want: sdktest.Want{Class: sdk.OK, Carrier: "open /proc/1/stat", Filter: "pid:1"},
	}.Run(t)
	for _, bad := range []string{"pid:", "pid:0", "pid:-1", "pid:01", "pid:x"} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "process-info-pidinfo", Target: bad, Want: sdktest.Want{Skipped: true}}.Run(t)
	}
}

func TestList(t *testing.T) {
	got := sdktest.ProbeTest{
		Spec: Spec(), Operation: "process-info-listpids", Target: "self",
		Want: sdktest.Want{Class: sdk.OK, Carrier: "open /proc"},
	}.Run(t)
	if !strings.HasSuffix(got.Value, " processes") || got.Filter != "" {
		t.Errorf("got %+v", got)
	}
}

func TestUnknownTarget(t *testing.T) {
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "process-info-pidinfo", Target: "4242",
		Want: sdktest.Want{Skipped: true},
	}.Run(t)
}

package procinfo

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestArms(t *testing.T) {
	for operation, carrier := range map[string]string{
		"process-info-pidinfo": "pread held ", "process-info-pidfdinfo": "getdents64 held ", "process-info-rusage": "openat held ",
	} {
		for arm, begins := range map[sdk.Arm]string{sdk.Before: carrier, sdk.Again: "open /proc/"} {
			for _, target := range []string{"self", "child", "sibling"} {
				got := sdktest.ProbeTest{
					Spec: Spec(), Operation: operation, Target: target, Arm: arm, Want: sdktest.Want{Class: sdk.OK},
				}.Run(t)
				if !strings.HasPrefix(got.Carrier, begins) || got.Value == "" || !strings.HasPrefix(got.Filter, "pid:") {
					t.Errorf("%s %s @%s: %+v", operation, target, arm, got)
				}
			}
		}
	}
}

func TestForms(t *testing.T) {
	t.Cleanup(func() { form = formFile })
	for name, carrier := range map[string]string{formFile: "pread ", formDirectory: "openat ", formPidfd: "ioctl "} {
		got := sdktest.ProbeTest{
			Spec: Spec(), Operation: "process-info-pidinfo", Target: "child", Arm: sdk.Before,
			Options: json.RawMessage(`{"handle":"` + name + `"}`),
		}.Run(t)
		if !strings.HasPrefix(got.Carrier, carrier) {
			t.Errorf("%s: %+v", name, got)
		}
		if name == formPidfd && got.Class == sdk.OK && !strings.HasPrefix(got.Value, "pid "+strings.TrimPrefix(got.Filter, "pid:")+",") {
			t.Errorf("the pidfd of %s tells %q", got.Filter, got.Value)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, bad := range []string{`{"handle":"x"}`, `{"x":1}`, `[]`} {
		if configure(json.RawMessage(bad)) == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

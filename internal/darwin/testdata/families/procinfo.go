//go:build ignore

package procinfo

import (
	"os"
	"testing"

	"github.com/ebitengine/purego"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

// deny has the library answer as under a profile that denies process-info*.
func deny(t *testing.T, yes uintptr) {
	t.Helper()
	library, err := purego.Dlopen(os.Getenv("HRHOST_TEST_DARWIN_LIBRARY"), purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		t.Fatal(err)
	}
	at, err := purego.Dlsym(library, "deny_info")
	if err != nil {
		t.Fatal(err)
	}
	purego.SyscallN(at, yes)
}

func TestProbes(t *testing.T) {
	probe := func(operation, target string, class sdk.Class) {
		t.Helper()
		sdktest.ProbeTest{Spec: Spec(), Operation: operation, Target: target, Want: sdktest.Want{Class: class}}.Run(t)
	}
	for _, operation := range []string{"process-info-pidinfo", "process-info-pidfdinfo", "process-info-rusage"} {
		probe(operation, "self", sdk.OK)
		probe(operation, "missing", sdk.Missing)
	}
	probe("process-info-pidinfo", "pid1", sdk.OK) // the short info is told about everybody
	probe("process-info-pidfdinfo", "pid1", sdk.Denied)
	probe("process-info-rusage", "pid1", sdk.Denied)
	probe("process-info-listpids", "", sdk.OK)
	deny(t, 1)
	defer deny(t, 0)
	for _, operation := range []string{"process-info-pidinfo", "process-info-pidfdinfo", "process-info-rusage"} {
		probe(operation, "self", sdk.Denied)
	}
	probe("process-info-listpids", "", sdk.Denied)
}

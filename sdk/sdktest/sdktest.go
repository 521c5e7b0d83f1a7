// Package sdktest is the test kit for authors of probe plugins.
//
// A plugin's test has [SpecTest] on its first line and a [ProbeTest] for each
// probe and target, which run with no sandbox, in the test process, over a real
// gRPC connection. [Conformance] holds the real binary to its duties, and
// [ProbeTest.RunSealed] runs it under a profile. A plugin with child modes also
// needs a TestMain that calls [Main].
package sdktest

import (
	"os"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/internal/hook"
)

// Main is a plugin's TestMain: the test binary stands in for the plugin's when
// a probe starts a child mode of itself.
func Main(m *testing.M, spec *sdk.Spec) {
	if hook.RunChild(spec) {
		syscall.Exit(0) // os.Exit has the race detector wait for a second
	}
	os.Exit(m.Run())
}

// SpecTest checks a Spec and that the host reads it as it was written. Almost
// every plugin should call it.
func SpecTest(t *testing.T, spec *sdk.Spec) {
	t.Helper()
	if err := hook.Validate(spec); err != nil {
		t.Fatal(err)
	}
	d, err := connect(t, spec).Describe(t.Context(), wire.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Family != spec.Family || len(d.Probes) != len(spec.Probes) {
		t.Errorf("described as family %q with %d probes, want %q with %d",
			d.Family, len(d.Probes), spec.Family, len(spec.Probes))
	}
	for _, p := range spec.Probes {
		if got := d.Probe(p.Operation); got == nil || len(got.Results) != len(p.Results) {
			t.Errorf("probe %q is described as %+v", p.Operation, got)
		}
	}
}

package sdktest

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hrhost/hrhost/internal/conformance"
)

// Build compiles a plugin's main package, "." for the one in the test's own
// directory, and returns the binary's path. It is gone when the test ends.
func Build(t *testing.T, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hrhost-probe-test")
	if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", pkg, err, out)
	}
	return path
}

// Conformance starts the plugin's real binary and does to it what a broken or
// hostile host would: closes the stream in the middle of a Run, stops, seals
// twice, closes the life pipe, sends unknown enums, 10,000 probes, a socket
// directory that is too long. Each duty is a subtest. `hrhost plugin check BIN`
// is the same.
//
// The plugin makes real attempts, with no sandbox: on the target "missing" where
// a probe lists it, else on its first target or control, else on a name that
// does not exist.
func Conformance(t *testing.T, binary string) {
	t.Helper()
	for _, c := range conformance.Checks() {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context(), binary); err != nil {
				t.Error(err)
			}
		})
	}
}

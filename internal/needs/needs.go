// Package needs lets a test say what it needs of the machine. What is missing
// skips the test, and fails it where HRHOST_REQUIRE names the need, as CI does:
// a check that was not made is seen.
package needs

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The needs that HRHOST_REQUIRE may list, separated by commas.
const (
	Seal  = "linux-seal" // a policy can be put over a process here
	DBus  = "dbus"       // dbus-daemon is installed
	Bwrap = "bwrap"      // bubblewrap is installed and may make namespaces
	Host  = "hrhost"     // an hrhost program, on PATH or named by HRHOST
	GCC   = "gcc"        // a C compiler
	QEMU  = "qemu-arm64" // an arm64 C compiler, and qemu-user to run what it makes
)

// Required reports that the environment insists on a need.
func Required(need string) bool {
	return slices.Contains(strings.Split(os.Getenv("HRHOST_REQUIRE"), ","), need)
}

// Missing ends a test whose need is not met: as skipped, or as failed where the
// need is required.
func Missing(t testing.TB, need, why string) {
	t.Helper()
	if Required(need) {
		t.Fatalf("%s is required here: %s", need, why)
	}
	t.Skip(why)
}

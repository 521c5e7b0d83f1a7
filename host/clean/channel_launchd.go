//go:build !darwin && hrhost_launchd

package clean

import "os"

// With the build tag hrhost_launchd a test's hrhost does on Linux what it does on
// macOS, with a launchctl of the test's own. No build for people has it.

// Channel is the name of this channel in a manifest.
const Channel = "launchd_clean"

// launchctl is set by the linker.
var launchctl string

func newBackend() (backend, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return newLaunchd(launchctl, exe), nil
}

func forgetJob(stage string) { newLaunchd(launchctl, "").forget(stage) }

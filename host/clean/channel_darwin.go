package clean

import (
	"os"

	"github.com/hrhost/hrhost/internal/darwin"
)

// Channel is the name of this channel in a manifest.
const Channel = "launchd_clean"

func newBackend() (backend, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return macLaunchd(exe, darwin.SelfSandboxed), nil
}

// forgetJob boots out the job of a root that nobody holds.
func forgetJob(stage string) { macLaunchd("", darwin.SelfSandboxed).forget(stage) }

package clean

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
)

// Channel is the name of this channel in a manifest.
const Channel = "launchd_clean"

func newBackend() (backend, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	l := newLaunchd("/bin/launchctl", exe)
	l.log, l.confined, l.quarantined = "/usr/bin/log", darwin.SelfSandboxed, quarantined
	return l, nil
}

// forgetJob boots out the job of a root that nobody holds.
func forgetJob(stage string) { newLaunchd("/bin/launchctl", "").forget(stage) }

// quarantined says whether macOS marked a file as downloaded.
func quarantined(path string) bool {
	_, err := unix.Getxattr(path, "com.apple.quarantine", nil)
	return err == nil
}

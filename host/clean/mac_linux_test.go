package clean

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMacLaunchd: the channel asks the system's own programs and this process.
func TestMacLaunchd(t *testing.T) {
	asked := errors.New("asked")
	l := macLaunchd("/x/hrhost", func() (bool, error) { return false, asked })
	if l.launchctl != "/bin/launchctl" || l.log != "/usr/bin/log" || l.program != "/x/hrhost" {
		t.Errorf("%s, %s, %s", l.launchctl, l.log, l.program)
	}
	if _, err := l.confined(); err != asked {
		t.Errorf("whether this process is confined: %v", err)
	}
	if l.quarantined(os.Args[0]) {
		t.Error("the test binary is quarantined")
	}
}

// TestHasAttribute uses an attribute of Linux's: the call is the same.
func TestHasAttribute(t *testing.T) {
	path := filepath.Join(t.TempDir(), "downloaded")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const name = "user.com.apple.quarantine"
	if hasAttribute(path, name) {
		t.Error("a new file has the attribute")
	}
	if err := unix.Setxattr(path, name, []byte("0083;"), 0); err != nil {
		t.Skipf("this file system has no extended attributes: %v", err)
	}
	if !hasAttribute(path, name) {
		t.Error("the attribute is not seen")
	}
}

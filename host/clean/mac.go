//go:build linux || darwin

package clean

import "golang.org/x/sys/unix"

// macLaunchd is the channel of a Mac with the system's own programs. Linux builds it for
// the tests.
func macLaunchd(program string, confined func() (bool, error)) *launchd {
	l := newLaunchd("/bin/launchctl", program)
	l.log, l.confined = "/usr/bin/log", confined
	l.quarantined = func(path string) bool { return hasAttribute(path, "com.apple.quarantine") }
	return l
}

// hasAttribute says whether a file has an extended attribute. macOS marks a file as
// downloaded by one.
func hasAttribute(path, name string) bool {
	_, err := unix.Getxattr(path, name, nil)
	return err == nil
}

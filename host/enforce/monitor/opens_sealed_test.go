//go:build linux && amd64

package monitor

import (
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// openWatch tells of opens of files. Where this process may ask who opens
// (fanotify, as root) it is told of those by some processes only; elsewhere of
// everybody's.
type openWatch struct {
	fd   int
	pids []int // nil: whoever it was
}

// watchOpens watches files for opens by processes.
func watchOpens(t *testing.T, paths []string, pids ...int) *openWatch {
	t.Helper()
	w := &openWatch{pids: pids}
	add := func(path string) error { return unix.FanotifyMark(w.fd, unix.FAN_MARK_ADD, unix.FAN_OPEN, -1, path) }
	var err error
	if w.fd, err = unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_NONBLOCK|unix.FAN_CLOEXEC, unix.O_RDONLY); err != nil {
		w.pids = nil
		if w.fd, err = unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC); err != nil {
			t.Skip(err)
		}
		add = func(path string) error { _, err := unix.InotifyAddWatch(w.fd, path, unix.IN_OPEN); return err }
	}
	t.Cleanup(func() { unix.Close(w.fd) })
	for _, path := range paths {
		if err := add(path); err != nil {
			t.Skipf("watching %s: %v", path, err)
		}
	}
	return w
}

// seen reports whether there was an open since it was last asked.
func (w *openWatch) seen() (seen bool) {
	b := make([]byte, 1<<14)
	for {
		n, err := unix.Read(w.fd, b)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return seen
		}
		if w.pids == nil {
			seen = true
			continue
		}
		for event := b[:n]; len(event) >= 24; event = event[binary.NativeEndian.Uint32(event):] { // struct fanotify_event_metadata
			if fd := int32(binary.NativeEndian.Uint32(event[16:])); fd >= 0 {
				unix.Close(int(fd))
			}
			seen = seen || slices.Contains(w.pids, int(int32(binary.NativeEndian.Uint32(event[20:]))))
		}
	}
}

// TestDeniedIsNotOpened watches a denied file from outside: neither the victim
// nor the monitor in its place opens it. No other test opens that file but in a
// sweep of all of them: where it is not told who opens, what is seen again and
// again is ours.
func TestDeniedIsNotOpened(t *testing.T) {
	const private = "/proc/sys/kernel/sysctl_writes_strict"
	s := sealWith(t, denying("sysctl-read kernel.sysctl_writes_strict"))
	w := watchOpens(t, []string{private, public}, os.Getpid(), s.pid)
	if s.do(openOrder(public)); !w.seen() {
		t.Skip("this kernel does not tell about opens of /proc/sys")
	}
	tries := 1
	if w.pids == nil {
		tries = 5
	}
	for name, orders := range variants(private) {
		seen := 0
		for range tries {
			if s.do(orders...); !w.seen() {
				break
			}
			seen++
		}
		if seen == tries {
			t.Errorf("%s: denied, and opened", name)
		}
	}
}

//go:build linux && amd64

package monitor

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

const deviceProfile = `(version 1)
(deny default)
(allow file-read-data (literal "/dev/null"))
(allow file-read* file-write* (require-all (vnode-type CHARACTER-DEVICE) (device-major 1) (device-minor 7)))
(allow file-write-data (literal "/dev/zero"))
(allow file-read-data (literal "/dev/hrhost-nothing") (literal "/dev/tty") (literal "/dev/ptmx"))
(allow file-read-data file-write-data (literal "/dev/kmsg"))
`

func openFlags(path string, flags int64) order {
	return sys(unix.SYS_OPENAT, num(cwd), str(path), num(flags))
}

// TestDevices: opening a device is judged on the node, and the host hands over
// what it judged.
func TestDevices(t *testing.T) {
	p, err := sbpl.Compile([]byte(deviceProfile), sbpl.Options{Name: "test.sb", Linux: true})
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/dev/full", link); err != nil {
		t.Fatal(err)
	}
	s := seal(t)
	if r := s.do(openOrder("/dev/zero")); r.Errno != 0 {
		t.Fatalf("/dev/zero before sealing: %s", errnoName(r.Errno))
	}
	wantRow(t, s.take(), "openat file-read-data /dev/zero allow/prelude/inject")
	if _, err := s.m.Seal(p); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    []order
		want unix.Errno
		rows []string
	}{
		{"read, allowed", []order{openOrder("/dev/null")}, 0, []string{"openat file-read-data /dev/null allow/policy/inject"}},
		{"write, denied", []order{openFlags("/dev/null", unix.O_WRONLY)}, unix.EPERM, []string{"openat file-write-data /dev/null deny/policy/deny"}},
		{"both, one denied", []order{openFlags("/dev/null", unix.O_RDWR)}, unix.EPERM,
			[]string{"openat file-read-data /dev/null allow/policy/deny", "openat file-write-data /dev/null deny/policy/deny"}},
		{"both, by the numbers of the node", []order{openFlags("/dev/full", unix.O_RDWR)}, 0,
			[]string{"openat file-read-data /dev/full allow/policy/inject", "openat file-write-data /dev/full allow/policy/inject"}},
		{"through a link of one's own", []order{openOrder(link)}, 0, []string{"openat file-read-data /dev/full allow/policy/inject"}},
		{"dots", []order{openOrder("//dev/./pts/../zero")}, unix.EPERM, []string{"openat file-read-data /dev/zero deny/policy/deny"}},
		{"from the root of a process", []order{openOrder("/proc/self/root/dev/zero")}, unix.EPERM, []string{"openat file-read-data /dev/zero deny/policy/deny"}},
		{"from a directory", []order{dirOrder("/dev"), sys(unix.SYS_OPENAT, reg("dir"), str("zero"), num(0))}, unix.EPERM,
			[]string{"openat file-read-data /dev/zero deny/policy/deny"}},
		{"below a directory", []order{dirOrder("/dev"), sys(unix.SYS_OPENAT2, reg("dir"), str("zero"), how(0, unix.RESOLVE_BENEATH), num(24))}, unix.EPERM,
			[]string{"openat2 file-read-data /dev/zero deny/policy/deny"}},
		{"reopened for more", []order{sys(unix.SYS_OPENAT, num(cwd), str("/dev/zero"), num(unix.O_PATH)).as("fd"), {Prog: "reopen"}}, unix.EPERM,
			[]string{"openat file-read-data /dev/zero deny/policy/deny"}},
		{"truncated", []order{openFlags("/dev/zero", unix.O_WRONLY|unix.O_TRUNC|unix.O_CREAT)}, 0, []string{"openat file-write-data /dev/zero allow/policy/inject"}},
		{"nothing there, allowed", []order{openOrder("/dev/hrhost-nothing")}, unix.ENOENT, []string{"openat file-read-data /dev/hrhost-nothing allow/policy/emulate"}},
		{"nothing there, denied", []order{openOrder("/dev/hrhost-nobody")}, unix.EPERM, []string{"openat file-read-data /dev/hrhost-nobody deny/policy/deny"}},
		{"nothing there, to be made", []order{openFlags("/dev/hrhost-nothing", unix.O_CREAT)}, unix.EACCES, []string{"openat file-read-data /dev/hrhost-nothing allow/policy/emulate"}},
		{"the kernel's log is not written", []order{openFlags("/dev/kmsg", unix.O_WRONLY)}, unix.EPERM, []string{"openat file-write-data /dev/kmsg deny/containment/deny"}},
		{"what may do something by itself", []order{openOrder("/dev/ptmx")}, unix.EPERM, []string{"openat file-read-data /dev/ptmx deny/containment/deny"}},
		{"a file is no device", []order{openOrder("/etc/passwd")}, 0, nil},
		{"a look is no opening", []order{sys(unix.SYS_STAT, str("/dev/zero"), buf(256))}, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.take()
			if r := s.do(c.o...); unix.Errno(r.Errno) != c.want {
				t.Errorf("%s, want %s", errnoName(r.Errno), errnoName(int(c.want)))
			}
			rows := s.take()
			for _, want := range c.rows {
				wantRow(t, rows, want)
			}
			if c.rows == nil && len(rows) > 0 {
				t.Errorf("judged:%s", showRows(rows))
			}
		})
	}
}

// TestDeviceFacts: a row says what the node is, wherever its name came from.
func TestDeviceFacts(t *testing.T) {
	s := sealWith(t, denying())
	if r := s.do(openOrder("/dev/full")); r.Errno != 0 {
		t.Fatal(errnoName(r.Errno))
	}
	row := wantRow(t, s.take(), "openat file-read-data /dev/full allow/policy/inject")
	if row == nil {
		return
	}
	for _, want := range []lane.Filter{{Name: "vnode-type", Value: "CHARACTER-DEVICE"}, {Name: "device-major", Value: "1"}, {Name: "device-minor", Value: "7"}} {
		if !slices.Contains(row.Facts, want) {
			t.Errorf("judged on %v, without %v", row.Facts, want)
		}
	}
	if row.Path == nil || row.Path.Observed != "/dev/full" || row.Object != "exists" {
		t.Errorf("%+v, %s", row.Path, row.Object)
	}
}

// TestDeviceAsked: monitor_check knows the node by its path, and says nothing
// about what is no device.
func TestDeviceAsked(t *testing.T) {
	p, err := sbpl.Compile([]byte(deviceProfile), sbpl.Options{Linux: true})
	if err != nil {
		t.Fatal(err)
	}
	s := sealWith(t, p)
	for path, want := range map[string]string{
		"/dev/null": "allow", "/dev/zero": "deny", "/dev/full": "allow", "/dev/hrhost-nothing": "allow", "/dev/hrhost-nobody": "deny", "/etc/passwd": "unknown", "/etc/nothing": "unknown",
	} {
		a := s.m.Ask(s.pid, sbpl.Query{Operation: opFileRead, Filters: []sbpl.Filter{{Name: "path", Value: path}}})
		if a.Prediction != want || a.Prediction == "unknown" && a.Detail == "" {
			t.Errorf("%s: %+v, want %s", path, a, want)
		}
	}
	if a := s.m.Ask(s.pid, sbpl.Query{Operation: "file-read-metadata"}); a.Prediction != "unknown" || a.Detail == "" {
		t.Errorf("file-read-metadata: %+v", a)
	}
}

// TestDeviceRace: a name that is swapped for a device's while it is judged never
// leads to the device.
func TestDeviceRace(t *testing.T) {
	s := sealWith(t, denying(opFileRead))
	for _, name := range []string{"/etc/hostname", "/etc/passwd"} {
		// The kernel opens the plain file by its name, read a second time.
		r := s.do(order{Prog: "race", Args: []arg{str(name), str("/dev/zero"), str("\x00\x00\x00\x00"), num(3000)}})
		if r.Ret != 0 {
			t.Errorf("%d of %s opens of %s got hold of /dev/zero", r.Ret, r.Text, name)
		}
	}
}

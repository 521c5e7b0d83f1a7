//go:build linux

package monitor

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Opening a device is file-read-data and file-write-data, as on macOS, judged on
// what the node is and not on how it was named: the host opens what it judged.
// docs/design/device-nodes.md says why not iokit-open.

const whyDevice = "a device that hrhost does not open for a plugin"

func (o *object) isDevice() bool {
	kind := o.mode & unix.S_IFMT
	return o.exists() && (kind == unix.S_IFCHR || kind == unix.S_IFBLK)
}

// findDevice judges opening a device, or a name below /dev with nothing behind
// it. ok is false for everything else, and for mere looks.
func (c *call) findDevice(o *object, a access) (f finding, ok bool) {
	if a == looks || o.foreign != 0 {
		return finding{}, false
	}
	switch {
	case o.isDevice():
		d := deviceOf(o)
		if d.path == "" || !utf8.ValidString(d.path) { // the policy cannot be asked about it, or no row could hold the question
			return finding{class: fenced, fence: "a device whose name cannot be found out"}, true
		}
		f.subjects = deviceSubjects(d, a)
		if !harmless(o, a) {
			f.fence = whyDevice
		}
	case !o.exists() && o.errno == unix.ENOENT && strings.HasPrefix(o.path, "/dev/"):
		if !utf8.ValidString(o.path) {
			return finding{class: fenced, fence: "a name that is no UTF-8"}, true
		}
		f.subjects = deviceSubjects(device{path: o.path, object: "absent"}, a)
	default:
		return finding{}, false
	}
	f.class = guarded
	return f, true
}

// device is what the policy is told of a node.
type device struct {
	path   string
	object string
	more   []lane.Filter
}

func (d device) absent() []string {
	if d.object == "absent" {
		return enforce.NodeFacts
	}
	return nil
}

func deviceOf(o *object) device {
	d := device{path: namePath(o.fd), object: "exists"}
	kind := "CHARACTER-DEVICE"
	if o.mode&unix.S_IFMT == unix.S_IFBLK {
		kind = "BLOCK-DEVICE"
	}
	number := func(name string, n uint32) lane.Filter {
		return lane.Filter{Name: name, Value: strconv.FormatUint(uint64(n), 10)}
	}
	d.more = []lane.Filter{
		{Name: "vnode-type", Value: kind},
		number("device-major", unix.Major(o.rdev)), number("device-minor", unix.Minor(o.rdev)),
		number("file-mode", o.mode&0o7777),
	}
	if isTTY(o) {
		d.more = append(d.more, lane.Filter{Name: "vnode-type", Value: "TTY"})
	}
	return d
}

// isTTY goes by the majors of Documentation/admin-guide/devices.txt: consoles,
// serial lines, pseudo terminals.
func isTTY(o *object) bool {
	major := unix.Major(o.rdev)
	return o.mode&unix.S_IFMT == unix.S_IFCHR && (major == 4 || major == 5 || major >= 136 && major <= 143)
}

func (d device) facts() []sbpl.Filter {
	facts := []sbpl.Filter{{Name: "path", Value: d.path}}
	for _, f := range d.more {
		facts = append(facts, sbpl.Filter{Name: f.Name, Value: f.Value})
	}
	return facts
}

func deviceSubjects(d device, a access) []subject {
	s := subject{filter: lane.Filter{Name: "path", Value: d.path}, facts: d.facts(), absent: d.absent(), more: d.more, object: d.object}
	var l []subject
	if a&reads != 0 {
		s.op = opFileRead
		l = append(l, s)
	}
	if a&writes != 0 {
		s.op = opFileWrite
		l = append(l, s)
	}
	return l
}

// harmless devices are those of the memory driver that change nothing, and the
// kernel's log for reading. Opening another may already do something: arm a
// watchdog, rewind a tape, wait for a line.
func harmless(o *object, a access) bool {
	if o.mode&unix.S_IFMT != unix.S_IFCHR || unix.Major(o.rdev) != memMajor {
		return false
	}
	switch unix.Minor(o.rdev) {
	case minorNull, minorZero, minorFull, minorRandom, minorUrandom:
		return true
	case minorKmsg:
		return a&writes == 0
	}
	return false
}

// The memory driver (Documentation/admin-guide/devices.txt).
const (
	memMajor     = 1
	minorNull    = 3
	minorZero    = 5
	minorFull    = 7
	minorRandom  = 8
	minorUrandom = 9
	minorKmsg    = 11
)

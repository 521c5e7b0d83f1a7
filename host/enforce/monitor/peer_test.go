//go:build linux && amd64

package monitor

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
)

// TestReplaced: a process that was not there when it was judged is another one
// once it is, as is one with another start time.
func TestReplaced(t *testing.T) {
	m, err := New(Config{Emit: func(*lane.WitnessRow) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	st, ok := m.readStat(os.Getpid())
	if !ok {
		t.Fatal("this process has no stat")
	}
	another := st
	another.start++
	for name, c := range map[string]struct {
		p    peer
		want bool
	}{
		"the same":        {peer{procStat: st, exists: true}, false},
		"another":         {peer{procStat: another, exists: true}, true},
		"nobody before":   {peer{procStat: procStat{pid: st.pid}}, true},
		"ended":           {peer{procStat: procStat{pid: 1 << 30, start: 1}, exists: true}, true},
		"the caller does": {peer{procStat: another, exists: true, self: true}, false},
	} {
		if got := c.p.replaced(m); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestDeviceWithoutName: what the policy cannot be told of is fenced off.
func TestDeviceWithoutName(t *testing.T) {
	o := object{fd: 1 << 20, mode: unix.S_IFCHR, rdev: unix.Mkdev(memMajor, minorNull)}
	f, ok := new(call).findDevice(&o, reads)
	if !ok || f.class != fenced || !strings.Contains(f.fence, "name") || len(f.subjects) > 0 {
		t.Errorf("%v %+v", ok, f)
	}
	o = object{fd: -1, errno: unix.ENOENT, path: "/dev/\xff"} // no row could hold the question
	if f, ok = new(call).findDevice(&o, reads); !ok || f.class != fenced || !strings.Contains(f.fence, "name") || len(f.subjects) > 0 {
		t.Errorf("%v %+v", ok, f)
	}
}

//go:build linux && amd64

package monitor

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

const profile = `(version 1)
(deny default)
(allow sysctl-read (sysctl-name "kernel.osrelease") (sysctl-name-prefix "net."))
(deny process-info-pidinfo (target others))
(allow process-info-pidinfo (target children))
(deny signal (target others) (with no-log))
(allow signal (target children))
(allow signal (require-all (target others) (signal-number SIGURG)))
`

// TestProfile enforces a profile as written, and its rows point into it.
func TestProfile(t *testing.T) {
	p, err := sbpl.Compile([]byte(profile), sbpl.Options{Name: "test.sb"})
	if err != nil {
		t.Fatal(err)
	}
	s := seal(t)
	child := num(s.do(order{Prog: "child"}).Ret)
	other := num(int64(stranger(t)))
	if _, err := s.m.Seal(p); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    order
		want unix.Errno
		line int
	}{
		{"named", openOrder(public), 0, 3},
		{"not named", openOrder(secret), unix.EPERM, 2},
		{"by prefix", openOrder("/proc/sys/net/core/somaxconn"), 0, 3},
		{"child's group", sys(unix.SYS_GETPGID, child), 0, 5},
		{"another's group", sys(unix.SYS_GETPGID, other), unix.EPERM, 4},
		{"signal to the child", sys(unix.SYS_KILL, child, num(0)), 0, 7},
		{"signal to another", sys(unix.SYS_KILL, other, num(0)), unix.EPERM, 6},
		{"urgent signal to another", sys(unix.SYS_KILL, other, num(int64(unix.SIGURG))), 0, 8},
	} {
		s.take()
		if r := s.do(c.o); unix.Errno(r.Errno) != c.want {
			t.Errorf("%s: %s, want %s", c.name, errnoName(r.Errno), errnoName(int(c.want)))
		}
		rows := s.take()
		if len(rows) != 1 || rows[0].Rule == nil || rows[0].Rule.Line != c.line || rows[0].Rule.File != "test.sb" {
			t.Errorf("%s: %s", c.name, showRows(rows))
			if len(rows) > 0 {
				t.Logf("%+v", rows[0].Rule)
			}
		}
	}
}

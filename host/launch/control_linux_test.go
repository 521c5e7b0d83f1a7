package launch

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// unserved is a filter whose listener must not be served.
type unserved struct{ t *testing.T }

func (unserved) Program(int, int) ([]byte, error) { return make([]byte, 8), nil }

func (u unserved) Listen(listener *os.File, _ int) error {
	u.t.Error("a listener was served")
	return listener.Close()
}

// TestWithoutAListener: no plugin is executed whose calls nobody would judge, nor
// one with a listener where there is no filter.
func TestWithoutAListener(t *testing.T) {
	for _, c := range []struct {
		name    string
		filter  Filter
		said    []byte
		listens bool
		want    string
	}{
		{"no filter was put on", unserved{t}, []byte{trampoline.MsgSilent}, false,
			`no listener came: the trampoline says "N"`},
		{"the listener was lost", unserved{t}, []byte{trampoline.MsgListener}, false, `no listener came: the trampoline says "L"`},
		{"it ended", unserved{t}, nil, false, `no listener came: the trampoline says ""`},
		{"nobody asked", nil, []byte{trampoline.MsgListener}, true, "a listener that nobody asked for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			control, err := newControl()
			if err != nil {
				t.Fatal(err)
			}
			defer control.close()
			theirs := int(control.child.Fd())
			acked := make(chan int, 1)
			go func() {
				unix.Read(theirs, make([]byte, trampoline.MaxPacket))
				if c.said == nil {
					unix.Shutdown(theirs, unix.SHUT_WR)
				} else {
					var rights []byte
					if c.listens {
						rights = unix.UnixRights(0)
					}
					unix.Sendmsg(theirs, c.said, rights, nil, 0)
				}
				n, _ := unix.Read(theirs, make([]byte, 1)) // an acknowledgement?
				acked <- n
			}()
			err = control.drive(&Spec{Name: "x", Filter: c.filter}, 1, trampoline.Setup{Argv: []string{"x"}})
			unix.Shutdown(int(control.host.Fd()), unix.SHUT_RDWR)
			var failed *Error
			if !errors.As(err, &failed) || failed.Step != "handover" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want a failed handover, %q", err, c.want)
			}
			if n := <-acked; n > 0 {
				t.Error("it was told to go on")
			}
		})
	}
}

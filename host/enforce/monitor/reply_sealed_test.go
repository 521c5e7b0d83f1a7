//go:build linux && amd64

package monitor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
)

// TestOnlySendAnswers: no function but send and its sendFD gives the kernel an
// answer, so that a handler can do it only by its return value.
func TestOnlySendAnswers(t *testing.T) {
	answers := map[string]bool{
		"sendContinue": true, "sendErrno": true, "sendValue": true, "sendFD": true, "ioctlSend": true, "ioctlAddFD": true,
	}
	may := map[string]bool{ // the functions of notify.go, and the two of reply.go
		"sendContinue": true, "sendErrno": true, "sendValue": true, "sendFD": true, "ioctl": true, "send": true,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && answers[id.Name] {
					seen++
					if !may[f.Name.Name] || name != "notify.go" && name != "reply.go" {
						t.Errorf("%s: %s uses %s: return a reply instead", name, f.Name.Name, id.Name)
					}
				}
				return true
			})
		}
	}
	if seen < 8 {
		t.Errorf("only %d uses were found", seen)
	}
}

// TestRefusal: an errno that was forgotten is EPERM and not a success.
func TestRefusal(t *testing.T) {
	for _, c := range []struct {
		r    reply
		want unix.Errno
	}{
		{reply{}, unix.EPERM},
		{deny(), unix.EPERM},
		{fail(0), unix.EPERM},
		{fail(unix.ENOENT), unix.ENOENT},
		{contain(unix.ENOSYS, whyRing), unix.ENOSYS},
		{result(0, unix.ESRCH), unix.ESRCH},
	} {
		if got := c.r.refusal(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.r, unix.ErrnoName(got), unix.ErrnoName(c.want))
		}
	}
}

// TestZeroReplyRefuses: a handler that decided nothing is a refusal by containment,
// with its row.
func TestZeroReplyRefuses(t *testing.T) {
	s := sealWith(t, denying())
	e := lookup(unix.SYS_UNAME)
	s.handler(e, func(*call) reply { return reply{} })
	if r := s.do(sys(unix.SYS_UNAME, num(0))); r.Errno != int(unix.EPERM) {
		t.Errorf("%s", errnoName(r.Errno))
	}
	wantRow(t, s.take(), "uname   deny/containment/deny")
}

// handler replaces one entry of the table until the test ends.
func (s *sealed) handler(e *entry, do func(*call) reply) {
	s.m.mu.enter()
	defer s.m.mu.leave()
	was := e.do
	e.do = do
	s.t.Cleanup(func() { s.end(); e.do = was })
}

// TestRowFaultIsAnswered: a panic while a row is emitted refuses the call, and the
// descriptor that would have been injected is closed.
func TestRowFaultIsAnswered(t *testing.T) {
	s := sealWith(t, denying())
	s.do(openOrder(public)) // the host opens the files that it keeps
	s.take()
	before := s.idle()
	s.mu.Lock()
	s.each = func(lane.WitnessRow) { panic("no room") }
	s.mu.Unlock()
	if r := s.do(openOrder(public)); r.Errno != int(unix.EPERM) {
		t.Errorf("%s", errnoName(r.Errno))
	}
	s.mu.Lock()
	s.each = nil
	s.mu.Unlock()
	if n := s.idle(); n != before {
		t.Errorf("%d descriptors, were %d", n, before)
	}
	if r := s.do(openOrder(public)); r.Errno != 0 {
		t.Errorf("afterwards: %s", errnoName(r.Errno))
	}
	s.end()
	if s.stats.Faults != 1 || s.stats.Injected < 2 {
		t.Errorf("%+v", s.stats)
	}
}

// idle counts the host's descriptors while no call is in hand: some are closed after
// the answer.
func (s *sealed) idle() int {
	s.m.mu.enter()
	defer s.m.mu.leave()
	return openDescriptors(s.t)
}

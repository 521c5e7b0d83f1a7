//go:build linux && amd64

package monitor

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/needs"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// decider is a policy in a function, so that a test says what is asked and what
// is answered without the profile language.
type decider func(sbpl.Query) sbpl.Action

func (d decider) Decide(q sbpl.Query) sbpl.Decision {
	return sbpl.Decision{
		Action: d(q), Rule: sbpl.Pos{File: "test.sb", Line: 3, Col: 1}, RuleText: "(test)",
		Operation: q.Operation, Walk: []string{q.Operation},
	}
}

func fact(q sbpl.Query, name string) []string {
	var l []string
	for _, f := range q.Filters {
		if f.Name == name {
			l = append(l, f.Value)
		}
	}
	return l
}

// denying denies what the listed patterns name ("operation value") and allows
// the rest. A value is a sysctl name, or a relation of the target.
func denying(patterns ...string) decider {
	return func(q sbpl.Query) sbpl.Action {
		for _, p := range patterns {
			op, value, _ := strings.Cut(p, " ")
			if op != q.Operation {
				continue
			}
			if value == "" || slices.Contains(fact(q, "sysctl-name"), value) || slices.Contains(fact(q, "target"), value) {
				return sbpl.Deny
			}
		}
		return sbpl.Allow
	}
}

// sealed is a victim under a monitor.
type sealed struct {
	t       testing.TB
	m       *Monitor
	cmd     *exec.Cmd
	control int
	pid     int
	mu      sync.Mutex
	rows    []lane.WitnessRow
	keep    bool // rows are wanted
	notes   bool // the policy notes what it is asked: the tests ask it nothing more
	clones  bool // rows of clone3 too: it was ordered
	ended   bool
	stuck   bool                  // the receiver is not expected to end
	each    func(lane.WitnessRow) // sees every row
	stats   Stats
}

// seal starts a victim, not yet sealed.
func seal(t testing.TB, env ...string) *sealed {
	t.Helper()
	s := &sealed{t: t, keep: true}
	var err error
	s.m, err = New(Config{Name: "test", Emit: s.emit})
	if err != nil {
		needs.Missing(t, needs.Seal, err.Error())
	}
	s.launch(s.m.Program, s.m.Listen, env...)
	return s
}

// emit keeps a row. A victim that is built with cgo, as under the race detector,
// starts threads by clone3 whenever it likes: such a row is of no order.
func (s *sealed) emit(r *lane.WitnessRow) {
	noteJudged(r)
	s.decideAnew(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Syscall == "clone3" && !s.clones {
		return
	}
	if s.keep {
		s.rows = append(s.rows, *r)
	}
	if s.each != nil {
		s.each(*r)
	}
}

// decideAnew holds every row of the tests to what verification does with it: a row
// says by itself what its policy was asked. The receiver holds the monitor's lock.
func (s *sealed) decideAnew(r *lane.WitnessRow) {
	said := enforce.Claimed(r)
	if said == "" || s.notes {
		return
	}
	if why := enforce.Unfit(r); why != "" {
		s.t.Errorf("%s: %s", showRow(*r), why)
	}
	d := s.m.inForce.Policy.Decide(enforce.Asked(r))
	got, rule := enforce.Predicted(&d)
	if got != said || r.By == lane.ByPolicy && !reflect.DeepEqual(r.Rule, rule) {
		s.t.Errorf("%s: the policy says %s, by %+v, of %+v", showRow(*r), got, rule, enforce.Asked(r))
	}
	if r.SendSignal != 0 && !enforce.Signals(d.Modifiers) {
		s.t.Errorf("%s: no rule sends a signal", showRow(*r))
	}
}

// sealFirst seals before the victim's first instruction.
func sealFirst(t testing.TB, p Policy) *sealed {
	t.Helper()
	s := &sealed{t: t, keep: true}
	var err error
	s.m, err = New(Config{Name: "test", Emit: s.emit})
	if err != nil {
		needs.Missing(t, needs.Seal, err.Error())
	}
	if epoch, err := s.m.Seal(p); epoch != 1 || err != nil {
		t.Fatal(epoch, err)
	}
	s.launch(s.m.Program, s.m.Listen)
	return s
}

// launch starts a victim under a filter and has the listener served.
func (s *sealed) launch(program func(pid, handoff int) ([]byte, error), serve func(*os.File, int) error, env ...string) {
	t := s.t
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "control")
	s.control = pair[0]
	s.cmd = exec.Command("/proc/self/exe")
	s.cmd.Env = append([]string{roleVar + "=sealer", "PATH=/nonexistent"}, env...)
	s.cmd.Stderr = os.Stderr
	s.cmd.ExtraFiles = []*os.File{theirs}
	s.cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	t.Cleanup(s.end)
	s.pid = s.cmd.Process.Pid
	prog, err := program(s.pid, controlFD)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(s.control, prog); err != nil {
		t.Fatal(err)
	}
	msg, oob := make([]byte, 64), make([]byte, unix.CmsgSpace(4))
	n, on, _, _, err := unix.Recvmsg(s.control, msg, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil || n == 0 {
		t.Fatalf("the sealer said nothing: %v", err)
	}
	if msg[0] != 'L' {
		needs.Missing(t, needs.Seal, "no listener: errno "+string(msg[1:n]))
	}
	cm, err := unix.ParseSocketControlMessage(oob[:on])
	if err != nil || len(cm) != 1 {
		t.Fatalf("no descriptor: %v", err)
	}
	fds, err := unix.ParseUnixRights(&cm[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := serve(os.NewFile(uintptr(fds[0]), "listener"), s.pid); err != nil {
		t.Fatal(err)
	}
	unix.Write(s.control, []byte("A"))
	s.do(order{Prog: "self"}) // the victim is up
}

// sealWith starts a victim and seals it.
func sealWith(t testing.TB, p Policy, env ...string) *sealed {
	t.Helper()
	s := seal(t, env...)
	if epoch, err := s.m.Seal(p); err != nil || epoch != 1 {
		t.Fatalf("Seal: epoch %d, %v", epoch, err)
	}
	s.take()
	return s
}

func (s *sealed) end() {
	if s.ended {
		return
	}
	s.ended = true
	unix.Kill(-s.pid, unix.SIGKILL)
	s.cmd.Wait()
	unix.Close(s.control)
	if s.m == nil {
		return
	}
	var err error
	if s.stats, err = s.m.Close(); err != nil && !s.stuck {
		s.t.Error(err)
	}
}

// do has the victim perform the orders and returns the last report.
func (s *sealed) do(orders ...order) report {
	s.t.Helper()
	s.mu.Lock()
	s.clones = slices.ContainsFunc(orders, func(o order) bool { return o.Nr == unix.SYS_CLONE3 })
	s.mu.Unlock()
	b, err := json.Marshal(orders)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := unix.Write(s.control, b); err != nil {
		s.t.Fatal(err)
	}
	buf := make([]byte, 1<<18)
	var n int
	for {
		n, err = unix.Read(s.control, buf)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil || n == 0 {
		s.t.Fatalf("the victim is gone: %v", err)
	}
	var r []report
	if err := json.Unmarshal(buf[:n], &r); err != nil {
		s.t.Fatal(err)
	}
	return r[len(r)-1]
}

// take returns the rows since the last take.
func (s *sealed) take() []lane.WitnessRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rows
	s.rows = nil
	return r
}

// Shorthands for arguments.
func num(n int64) arg            { return arg{N: n} }
func str(s string) arg           { return arg{S: &s} }
func buf(n int) arg              { return arg{Buf: n} }
func raw(b ...byte) arg          { return arg{Bytes: b} }
func reg(name string) arg        { return arg{Reg: name} }
func sys(nr int, a ...arg) order { return order{Nr: nr, Args: a} }
func (o order) as(name string) order {
	o.Save = name
	return o
}

func showRows(rows []lane.WitnessRow) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "\n  %s", showRow(r))
	}
	if b.Len() == 0 {
		return " (no rows)"
	}
	return b.String()
}

// showRow is what tests compare: "syscall operation value verdict/by/how".
func showRow(r lane.WitnessRow) string {
	return fmt.Sprintf("%s %s %s %s/%s/%s", r.Syscall, r.Operation, r.Filter.Value, r.Verdict, r.By, r.How)
}

// likeWord lets a star stand for anything.
func likeWord(want, got string) bool {
	before, after, star := strings.Cut(want, "*")
	return want == got || star && len(got) >= len(before)+len(after) && strings.HasPrefix(got, before) && strings.HasSuffix(got, after)
}

// wantRow checks that some row reads as wanted, each word by [likeWord].
func wantRow(t testing.TB, rows []lane.WitnessRow, want string) *lane.WitnessRow {
	t.Helper()
	w := strings.Split(want, " ")
	for i := range rows {
		g := strings.Split(showRow(rows[i]), " ")
		if slices.EqualFunc(w, g, likeWord) {
			return &rows[i]
		}
	}
	t.Errorf("no row %q; got:%s", want, showRows(rows))
	return nil
}

func errnoName(n int) string {
	if n == 0 {
		return "ok"
	}
	return unix.ErrnoName(unix.Errno(n))
}

package probing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/enforce/linux"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/codesign"
	rules "github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// theLauncher is the process's one launcher.
var theLauncher = sync.OnceValues(func() (*launch.Launcher, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return launch.NewLauncher(exe)
})

// job is three look-ups by the plugin that behaves so.
func job(t *testing.T, how string) Job {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "plugin."+how)
	if err := os.Symlink(exe, path); err != nil {
		t.Fatal(err)
	}
	binary, err := launch.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { binary.Close() })
	j := Job{Name: "a test", Family: "fake", Binary: binary, Options: []byte("{}"), Timeout: time.Minute, Log: t.Output()}
	for i, name := range []string{"one", "two", "three"} {
		j.Items = append(j.Items, wire.RunItem{
			Slot: i, ID: "p:" + name, Operation: "sysctl-read", FilterName: "sysctl-name", Target: "com.example." + name, Arm: lane.After, Attempt: 1,
		})
	}
	return j
}

// newHost is a host as on a Mac with that kernel, or without one.
func newHost(t *testing.T, k seatbelt.Kernel) *Host {
	t.Helper()
	l, err := theLauncher()
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{Launcher: l, TempDir: "/tmp", Version: "test", Deadlines: Deadlines{Start: time.Minute, Call: time.Minute}}
	conf := point.Config{Launcher: l, TempDir: h.TempDir}
	if h.Point = linux.New(conf); k != nil {
		h.Point = seatbelt.NewPoint(conf, k)
	}
	return h
}

// sealed turns a job into one under a policy.
func sealed(t *testing.T, j Job) Job {
	t.Helper()
	j.SBPL = "(version 1)(deny default)"
	var err error
	if j.Policy, err = sbpl.Compile([]byte(j.SBPL), sbpl.Options{Name: "test.sb"}); err != nil {
		t.Fatal(err)
	}
	return j
}

// mac is a kernel that believes the plugin and has looked at its children.
type mac struct {
	lying bool
	mu    sync.Mutex
	seen  map[int]seatbelt.Member
	pid   int
	at    time.Time // of the last look
}

func (m *mac) Sandboxed(pid int) (bool, error)       { m.pid = pid; return !m.lying, nil }
func (*mac) Check(int, rules.Question) (bool, error) { return true, nil }
func (*mac) Signature(int) codesign.Signature        { return codesign.Signature{Flags: 0x20003} }
func (*mac) Watch()                                  {}
func (*mac) Close() error                            { return nil }
func (*mac) Compile(string, map[string]string) ([]byte, error) {
	return nil, errors.ErrUnsupported
}
func (*mac) Listen([]seatbelt.Post) (seatbelt.Receiver, error) {
	return nil, errors.New("nothing is posted")
}

// Members reads the real children, each with the moment it was first seen.
func (m *mac) Members(pid int) (out []seatbelt.Member) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		more, _ := os.ReadFile(task)
		text = append(text, more...)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = time.Now()
	if m.seen == nil {
		m.seen = map[int]seatbelt.Member{}
	}
	for _, f := range strings.Fields(string(text)) {
		child, _ := strconv.Atoi(f)
		if _, known := m.seen[child]; !known {
			m.seen[child] = seatbelt.Member{PID: child, Start: time.Now()}
		}
		out = append(out, m.seen[child])
	}
	return out
}

// Records has a denial of the plugin's, one of each child's, and a stranger's.
func (m *mac) Records(time.Time) (out []seatbelt.Record, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pid == 0 {
		return nil, ""
	}
	texts := []string{
		fmt.Sprintf("Sandbox: p(%d) deny(1) sysctl-read com.example.two", m.pid),
		fmt.Sprintf("Sandbox: p(%d) deny(1) sysctl-read com.example.two", 4<<20),
	}
	for child := range m.seen {
		texts = append(texts, fmt.Sprintf("Sandbox: p(%d) deny(1) process-exec* /bin/x", child))
	}
	for _, text := range texts {
		r, err := seatbelt.ParseReport(text)
		if err != nil {
			panic(err)
		}
		out = append(out, seatbelt.Record{Kind: seatbelt.KindReport, Time: m.at, Report: r})
	}
	return out, ""
}

// TestBaseline: a process without a policy goes through the whole sequence.
func TestBaseline(t *testing.T) {
	r := newHost(t, nil).Run(t.Context(), job(t, "good"))
	if r.Failed != "" || r.Err != nil {
		t.Fatalf("failed at %s: %v", r.Failed, r.Err)
	}
	if r.Epoch != 0 || r.Seal != nil || r.Signature != nil || r.Completed == nil || r.Description == nil || len(r.Prepared) != 3 {
		t.Errorf("got %+v", r)
	}
	for i, a := range r.Attempts {
		if a.Intent == nil || a.Outcome == nil || a.Stopped || a.Item.Slot != i {
			t.Errorf("attempt %d: %+v", i, a)
		}
	}
	if r.Exit == nil || r.Exit.Killed || r.Exit.Code != 0 || r.PID == 0 || r.Ready <= 0 {
		t.Errorf("exit %+v of process %d, ready after %s", r.Exit, r.PID, r.Ready)
	}
}

// TestSealedByPlugin is the sequence of macOS: the plugin seals itself, the
// kernel is asked whether that is so, and its reports about the plugin and its
// children become rows.
func TestSealedByPlugin(t *testing.T) {
	j := sealed(t, job(t, "parent"))
	j.Ask = []sbpl.Query{{Operation: "process-fork"}, {Operation: "sysctl-read", Filters: []sbpl.Filter{{Name: "sysctl-name", Value: "x"}}}}
	var told int
	j.Witness = func(*lane.WitnessRow) { told++ }
	k := &mac{}
	r := newHost(t, k).Run(t.Context(), j)
	if r.Failed != "" || r.Epoch != 1 || r.Seal == nil || !r.Seal.InForce {
		t.Fatalf("failed at %s: %v; epoch %d, %+v", r.Failed, r.Err, r.Epoch, r.Seal)
	}
	if r.Signature == nil || r.Signature.Flags != 0x20003 {
		t.Errorf("signature %+v", r.Signature)
	}
	if len(r.Answers) != 2 || r.Answers[0].Prediction != "deny" || r.Answers[1].Prediction != "unsupported_by_api" {
		t.Errorf("answers %+v", r.Answers)
	}
	own, children := 0, 0
	for _, row := range r.Witness {
		switch {
		case row.PID == r.PID && row.Slot == 1 && row.Operation == "sysctl-read":
			own++
		case k.seen[row.PID].PID == row.PID && row.PID != 0 && row.Slot >= 0 && row.Operation == "process-exec*":
			children++
		default:
			t.Errorf("a row about process %d: %+v", row.PID, row)
		}
	}
	if own != 1 || children == 0 || told != len(r.Witness) || r.WitnessSlack != seatbelt.Slack {
		t.Errorf("%d own rows, %d of children, %d told, slack %s", own, children, told, r.WitnessSlack)
	}
}

// TestFailures: whatever goes wrong, the report says at which stage and why, and
// has every attempt.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		how    string
		kernel seatbelt.Kernel
		edit   func(*Job, *Host)
		stage  lane.Stage
		reason lane.Reason
		says   string
		at     int // the attempt it stopped in, -1 for none
	}{
		{how: "good", edit: func(j *Job, _ *Host) { j.Family = "other" }, stage: lane.StageHandshake, says: `the plan wants "other"`, at: -1},
		{how: "garbage", stage: lane.StageHandshake, says: "", at: -1},
		{how: "silent", edit: short, stage: lane.StageHandshake, says: "", at: -1},
		{how: "future", stage: lane.StageHandshake, says: `speaks version "99"`, at: -1},
		{how: "netrpc", stage: lane.StageHandshake, says: "does not offer gRPC", at: -1},
		{how: "options", stage: lane.StagePrepare, says: "the plugin refuses: no such option x", at: -1},
		{how: "unprepared", stage: lane.StagePrepare, says: "nothing is ready", at: -1},
		{how: "slow", edit: short, stage: lane.StagePrepare, says: "did not answer within", at: -1},
		{how: "good", kernel: &mac{lying: true}, stage: lane.StageApply, reason: lane.ApplyFailed, says: "has no sandbox", at: -1},
		{how: "sealless", kernel: &mac{}, stage: lane.StageApply, reason: lane.ApplyUnsupported, says: "use seal", at: -1},
		{how: "gated", kernel: &mac{}, edit: func(j *Job, _ *Host) { j.SBPL = "(version 1)(allow signal (apply-message-filter))" },
			stage: lane.StageApply, reason: lane.ApplyUnsupported, says: "entitlement", at: -1},
		{how: "exits", stage: lane.StageOperation, says: `"that was that"`, at: 1},
		{how: "killed", stage: lane.StageOperation, says: "SIGKILL", at: 1},
		{how: "hangs", edit: func(j *Job, _ *Host) { j.Timeout = 12 * time.Second }, stage: lane.StageOperation, reason: lane.ProbeTimeout, says: "time limit", at: 1},
		{how: "miscounts", stage: lane.StageOperation, reason: lane.ProtocolViolation, says: "Completed counts", at: -1},
	} {
		t.Run(c.how, func(t *testing.T) {
			j, h := job(t, c.how), newHost(t, c.kernel)
			if c.kernel != nil {
				j = sealed(t, j)
			}
			if c.edit != nil {
				c.edit(&j, h)
			}
			r := h.Run(t.Context(), j)
			if r.Failed != c.stage || r.Reason != c.reason || r.Err == nil || !strings.Contains(r.Err.Error(), c.says) {
				t.Errorf("failed at %q, %q: %v", r.Failed, r.Reason, r.Err)
			}
			stopped := -1
			for i, a := range r.Attempts {
				if a.Stopped {
					stopped = i
				}
			}
			if len(r.Attempts) != 3 || stopped != c.at || r.Epoch != 0 {
				t.Errorf("%d attempts, stopped in %d, epoch %d", len(r.Attempts), stopped, r.Epoch)
			}
			if started := c.how != "gated"; (r.Exit != nil) != started {
				t.Errorf("exit %v", r.Exit)
			}
		})
	}
}

// short bounds the handshake and each call.
func short(_ *Job, h *Host) { h.Deadlines = Deadlines{Start: 12 * time.Second, Call: 12 * time.Second} }

// TestCancelled: a run that is cancelled ends the process.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	j := job(t, "hangs")
	time.AfterFunc(12*time.Second, cancel)
	r := newHost(t, nil).Run(ctx, j)
	if r.Failed == "" || r.Exit == nil || !r.Exit.Killed {
		t.Errorf("failed at %q: %v, exit %+v", r.Failed, r.Err, r.Exit)
	}
}

// TestStays: a plugin that does not leave is ended, and its results count.
func TestStays(t *testing.T) {
	h := newHost(t, nil)
	h.Stop = 200 * time.Millisecond
	r := h.Run(t.Context(), job(t, "stays"))
	if r.Completed == nil || r.Exit == nil || !r.Exit.Killed || r.Failed != "" && r.Failed != lane.StageCleanup {
		t.Errorf("failed at %q: %v, exit %+v", r.Failed, r.Err, r.Exit)
	}
}

// TestOddPeers: whatever a plugin says in place of the protocol, the host lives, keeps
// little of it, and says what was wrong in few words.
func TestOddPeers(t *testing.T) {
	const broke = "the connection to the plugin broke"
	for _, c := range []struct {
		how   string
		stage lane.Stage
		says  string
	}{
		{"certificate", "", ""}, // as if it had offered none
		{"broker", "", ""},      // nobody listens
		{"headers", "", ""},
		{"status", lane.StageOperation, "calling Run: rpc error: code = Internal desc = xxxx"},
		{"closes", lane.StageHandshake, broke},
		{"text", lane.StageHandshake, broke},
		{"goaway", lane.StageHandshake, ""}, // the connection broke, or the next was refused
		{"continuation", lane.StageHandshake, broke},
		{"huge-frame", lane.StageHandshake, broke},
	} {
		t.Run(c.how, func(t *testing.T) {
			before := runtime.NumGoroutine()
			r := newHost(t, nil).Run(t.Context(), job(t, "peer."+c.how))
			said := ""
			if r.Err != nil {
				said = r.Err.Error()
			}
			if r.Failed != c.stage || (r.Err == nil) != (c.stage == "") || !strings.Contains(said, c.says) {
				t.Errorf("failed at %q: %.300s", r.Failed, said)
			}
			if n := runtime.NumGoroutine() - before; n > 50 || len(said) > 2000 {
				t.Errorf("it left %d goroutines behind, and a sentence of %d bytes", n, len(said))
			}
		})
	}
}

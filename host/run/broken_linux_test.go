package run

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/linux"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/internal/needs"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// programs are built once for all tests of the package, when one needs them.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hrtest.")
	if err != nil {
		return "", err
	}
	built = dir
	if err := installation.Into(dir); err != nil {
		return dir, err
	}
	return dir, installation.Build(dir,
		"host/run/testdata/repeat", "host/run/testdata/mac", "test/faults/hrhost-probe-fault")
})

// built is the directory of the programs, "" when no test needed them.
var built string

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// watcher keeps the lines.
type watcher struct{ lines []Line }

func (*watcher) Started(string, int, int) {}
func (*watcher) Profile(ProfileDone)      {}
func (w *watcher) Line(l Line)            { w.lines = append(w.lines, l) }

// outcome is a finished run with its packets.
type outcome struct {
	*Result
	lines   []Line
	packets []mismatch.Packet
}

// reasons lists the packets as "probe reason", sorted.
func (o outcome) reasons() []string {
	var out []string
	for _, p := range o.packets {
		out = append(out, p.DecisionEvent.ProbeName+" "+string(p.MismatchReason))
	}
	slices.Sort(out)
	return out
}

// runPlan runs a plan file.
func runPlan(t testing.TB, path string, tamper func(*linux.Point)) outcome {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, err.Error())
	}
	got := runAnyPlan(t, path, tamper)
	needSeal(t, got.lines)
	return got
}

func runAnyPlan(t testing.TB, path string, tamper func(*linux.Point)) outcome {
	t.Helper()
	return runPlanFor(t, path, "", tampered(tamper))
}

// tampered is this system's enforcement with something changed; nil changes nothing.
func tampered(tamper func(*linux.Point)) point.New {
	return func(c point.Config) point.Point {
		p := linux.New(c)
		if tamper != nil {
			tamper(p)
		}
		return p
	}
}

// runPlanFor runs a plan as it reads on a system, "" for this one.
func runPlanFor(t testing.TB, path, system string, enforcement point.New) outcome {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(path, plan.Options{OS: system})
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{}
	opts := Options{
		Plan: p, Shown: "plan.toml", Out: t.TempDir(), Bin: bin, TempDir: "/tmp", Channel: "direct", Version: "test", Watch: w, Point: enforcement,
	}
	if system == plan.MacOS {
		opts.world = &world.World{ID: "sonoma-14.4.1-23E224-arm64-dyldcache-2c0602c5", OS: system, Release: "14.4.1", Build: "23E224", Machine: "arm64", Facts: []world.Fact{}}
	}
	res, err := Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if !res.Verify.Valid {
		t.Errorf("the bundle is not valid: %+v", res.Verify.Findings)
	}
	return outcome{res, w.lines, readPackets(t, res.Dir)}
}

// needSeal skips where no policy can be put over a process.
func needSeal(t testing.TB, lines []Line) {
	t.Helper()
	for _, l := range lines {
		for _, reason := range []lane.Reason{lane.ApplyListenerBusy, lane.ApplyAlreadySandboxed, lane.ApplyUnsupported} {
			if strings.HasSuffix(l.Rule, string(reason)) {
				needs.Missing(t, needs.Seal, l.Rule)
			}
		}
	}
}

func readPackets(t testing.TB, dir string) (out []mismatch.Packet) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, bundle.MismatchPackets))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 4<<20); lines.Scan(); {
		var p mismatch.Packet
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// write makes a plan of one profile, and the profile.
func write(t *testing.T, family, profile, rest string) string {
	t.Helper()
	dir := t.TempDir()
	text := "schema = 1\nid = \"test\"\n[[profile]]\nid = \"p\"\nfamily = \"" + family + "\"\nsource = \"p.sb\"\n" + rest
	for name, text := range map[string]string{"p.sb": "(version 1)" + profile, "plan.toml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "plan.toml")
}

// The pairs on which enforcement points are broken: one allowed, one denied.
var pairs = map[string]struct{ profile, probes, allowed, denied string }{
	"mach": {`(deny default)(allow mach-lookup (global-name (param "OK")))`, `params = { OK = "org.hrhost.fixture.One" }
probes = [ { id = "allowed", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "allow" },
           { id = "denied",  op = "mach-lookup", target = "org.hrhost.fixture.Two", expect = "deny" } ]`,
		"org.hrhost.fixture.One", "org.hrhost.fixture.Two"},
	"notify": {`(deny default)(deny darwin-notification-post)(allow darwin-notification-post (notification-name (param "OK")))`, `params = { OK = "org.hrhost.test.One" }
probes = [ { id = "allowed", op = "darwin-notification-post", target = "org.hrhost.test.One", expect = "allow" },
           { id = "denied",  op = "darwin-notification-post", target = "org.hrhost.test.Two", expect = "deny" } ]`,
		"org.hrhost.test.One", "org.hrhost.test.Two"},
	"sysctl": {`(deny default)(allow sysctl-read (sysctl-name (param "OK")))`, `params = { OK = "kernel.ostype" }
probes = [ { id = "allowed", op = "sysctl-read", target = "kernel.ostype",  expect = "allow" },
           { id = "denied",  op = "sysctl-read", target = "kernel.version", expect = "deny" } ]`,
		"kernel.ostype", "kernel.version"},
}

// fault is one way to break an enforcement point. Each part is nil where it is
// sound.
type fault struct {
	slots func(enforce.Slots) enforce.Slots
	row   func(*lane.WitnessRow) // changed before it is emitted
	seal  func(enforce.Policy) enforce.Policy
	late  bool // Seal says done and does nothing until the oracle asks
}

// none says that nothing is broken.
func (f fault) none() bool { return f.slots == nil && f.row == nil && f.seal == nil && !f.late }

func (f fault) tamper(p *linux.Point) {
	p.NewMonitor = func(c enforce.Config) (linux.Monitor, error) {
		c.Slots, c.Emit = f.config(c.Slots, c.Emit)
		m, err := monitor.New(c)
		return &brokenMonitor{m, sealer{f: f, real: m.Seal}}, err
	}
	p.NewGateway = func(c enforce.Config, b *bus.Buses) (linux.Gateway, error) {
		c.Slots, c.Emit = f.config(c.Slots, c.Emit)
		g, err := bus.New(c, b)
		return &brokenGateway{g, sealer{f: f, real: g.Seal}}, err
	}
}

func (f fault) config(slots enforce.Slots, emit func(*lane.WitnessRow)) (enforce.Slots, func(*lane.WitnessRow)) {
	if f.slots != nil {
		slots = f.slots(slots)
	}
	return slots, func(r *lane.WitnessRow) {
		if f.row != nil {
			f.row(r)
		}
		emit(r)
	}
}

// sealer stands for Seal.
type sealer struct {
	f       fault
	real    func(enforce.Policy) (int, error)
	waiting enforce.Policy
}

func (s *sealer) Seal(p enforce.Policy) (int, error) {
	if s.f.late {
		s.waiting = p
		return 1, nil
	}
	if s.f.seal != nil {
		p = s.f.seal(p)
	}
	return s.real(p)
}

func (s *sealer) wake() {
	if s.waiting != nil {
		s.real(s.waiting)
		s.waiting = nil
	}
}

type brokenMonitor struct {
	*monitor.Monitor
	sealer
}

func (b *brokenMonitor) Seal(p enforce.Policy) (int, error) { return b.sealer.Seal(p) }
func (b *brokenMonitor) Ask(pid int, q sbpl.Query) enforce.Answer {
	b.wake()
	return b.Monitor.Ask(pid, q)
}

type brokenGateway struct {
	*bus.Gateway
	sealer
}

func (b *brokenGateway) Seal(p enforce.Policy) (int, error) { return b.sealer.Seal(p) }
func (b *brokenGateway) Ask(pid int, q sbpl.Query) enforce.Answer {
	b.wake()
	return b.Gateway.Ask(pid, q)
}

func policy(t *testing.T, profile string) enforce.Policy {
	t.Helper()
	p, err := sbpl.Compile([]byte("(version 1)"+profile), sbpl.Options{Name: "other.sb"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type offByOne struct{ enforce.Slots }

func (s offByOne) Current() int {
	if n := s.Slots.Current(); n >= 0 {
		return n + 1
	}
	return -1
}

// brokenPlan is a plan of every family's pair.
func brokenPlan(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := "schema = 1\nid = \"test\"\n"
	for family, pair := range pairs {
		text += fmt.Sprintf("[[profile]]\nid = %q\nfamily = %q\nsource = \"%s.sb\"\n%s\n", family, family, family, pair.probes)
		if err := os.WriteFile(filepath.Join(dir, family+".sb"), []byte("(version 1)"+pair.profile), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "plan.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBroken: five deliberately broken enforcement points, on each family. What
// each leads to is packets or no decision, never a wrong decision that passes.
func TestBroken(t *testing.T) {
	slow(t)
	path := brokenPlan(t)
	if got := runPlan(t, path, fault{}.tamper); len(got.packets) > 0 || got.Exit != ExitOK {
		t.Fatalf("nothing broken: exit %d, %v", got.Exit, got.reasons())
	}
	var allowed []string
	wrong := ""
	for _, pair := range pairs {
		allowed = append(allowed, pair.allowed)
		wrong += strings.ReplaceAll(pair.profile, `(param "OK")`, strconv.Quote(pair.denied))
	}
	for _, c := range []struct {
		name  string
		fault fault
		want  []string // of each family
	}{
		{"another profile's policy", fault{seal: func(enforce.Policy) enforce.Policy { return policy(t, "(allow default)") }},
			[]string{"denied oracle_disagreement", "denied unexpected_allow"}},
		{"a wrong parameter", fault{seal: func(enforce.Policy) enforce.Policy { return policy(t, wrong) }},
			[]string{"allowed oracle_disagreement", "allowed unexpected_deny", "denied oracle_disagreement", "denied unexpected_allow"}},
		{"switched too late", fault{late: true},
			[]string{"allowed op_not_witnessed", "denied op_not_witnessed"}},
		{"slot off by one", fault{slots: func(s enforce.Slots) enforce.Slots { return offByOne{s} }},
			[]string{"allowed op_not_witnessed", "denied op_not_witnessed"}},
		{"deny answered but performed", fault{row: deny(allowed...)},
			[]string{"allowed capture_pipeline_disagreement"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runPlan(t, path, c.fault.tamper)
			for family := range pairs {
				if of := got.of(family); !slices.Equal(of.reasons(), c.want) {
					t.Errorf("%s: packets %v, want %v", family, of.reasons(), c.want)
				}
			}
			if got.Exit != ExitMismatch {
				t.Errorf("exit %d", got.Exit)
			}
		})
	}
}

// of is a run with the packets of one profile only.
func (o outcome) of(profile string) outcome {
	o.packets = slices.DeleteFunc(slices.Clone(o.packets), func(p mismatch.Packet) bool { return p.DecisionEvent.ProfileID != profile })
	return o
}

// deny has the evidence say that the policy denied some values, which were
// performed all the same.
func deny(values ...string) func(*lane.WitnessRow) {
	return func(r *lane.WitnessRow) {
		if slices.Contains(values, r.Filter.Value) && r.By == lane.ByPolicy {
			r.Verdict, r.How = lane.Deny, "deny"
		}
	}
}

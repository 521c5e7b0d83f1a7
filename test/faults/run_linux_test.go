package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/linux"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/needs"
)

// strict allows one value of one operation.
const strict = `(version 1)
(deny default)
(allow sysctl-read (sysctl-name "kernel.ostype"))
`

// threeProbes are an allowed target, the one that a fault is at, and one after.
const threeProbes = `
  { id = "first", op = "sysctl-read", target = "kernel.ostype",    expect = "allow" },
  { id = "bad",   op = "sysctl-read", target = "kernel.version",   expect = "deny" },
  { id = "last",  op = "sysctl-read", target = "kernel.osrelease", expect = "deny" },
`

// truth is what the strict profile says, found out by reading it.
func truth(r lane.RuntimeRow) lane.Verdict {
	if r.Operation == "sysctl-read" && r.Filter.Value == "kernel.ostype" {
		return lane.Allow
	}
	return lane.Deny
}

// finished is a run with all that it left behind.
type finished struct {
	*run.Result
	t        *testing.T
	notes    []string // of the profiles
	rows     []lane.RuntimeRow
	baseline []lane.BaselineRow
	witness  []lane.WitnessRow
	packets  map[string]int // by reason
}

// setup is what a test wants of a run beside its plan. It is the run's watcher.
type setup struct {
	limits  probing.Deadlines
	files   map[string]string // profiles beside the plan, by name
	before  func(dir string)  // the run's temporary directory is dir/t, its bundles are in dir/out
	started func()            // the preflight is over
	after   func()            // the run is over, and nothing was looked at
	profile func(run.ProfileDone)
	line    func(run.Line)
	// sweeping is told after each batch of a sweep.
	sweeping func(run.SweepProgress)
	notes    []string
}

func (w *setup) Started(string, int, int) {
	if w.started != nil {
		w.started()
	}
}

func (w *setup) Profile(p run.ProfileDone) {
	if w.profile != nil {
		w.profile(p)
	}
	if p.Note != "" {
		w.notes = append(w.notes, p.ID+": "+p.Note)
	}
}
func (w *setup) Line(l run.Line) {
	if w.line != nil {
		w.line(l)
	}
}

func (w *setup) Sweeping(p run.SweepProgress) {
	if w.sweeping != nil {
		w.sweeping(p)
	}
}

// planOf is a plan of one profile for the family.
func planOf(family, more, probes string) string {
	return fmt.Sprintf("schema = 1\nid = \"faults\"\n[[profile]]\nid = \"p\"\nfamily = %q\nsource = \"strict.sb\"\n%s\nprobes = [%s]\n",
		family, more, probes)
}

// runHere runs a plan in this process, with the real trampoline and plugins.
func runHere(t *testing.T, text string, w *setup) *finished {
	t.Helper()
	reapAdopted(t)
	dir := tempDir(t)
	write(t, dir, "strict.sb", strict)
	for name, text := range w.files {
		write(t, dir, name, text)
	}
	p, err := plan.Load(write(t, dir, "plan.toml", text), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	temp := filepath.Join(dir, "t")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if w.before != nil {
		w.before(dir)
	}
	res, err := run.Run(t.Context(), run.Options{
		Plan: p, Shown: "plan.toml", Out: filepath.Join(dir, "out"), Bin: bin(t), TempDir: temp,
		Channel: "direct", Version: "test", Watch: w, Deadlines: w.limits,
		Point: func(c point.Config) point.Point { return linux.New(c) },
	})
	if w.after != nil {
		w.after()
	}
	if err != nil {
		t.Fatal(err)
	}
	f := &finished{Result: res, t: t, notes: w.notes}
	f.read()
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("the run left %v in its temporary directory", left)
	}
	f.noChildren()
	return f
}

// read takes the lanes from the bundle.
func (f *finished) read() {
	f.t.Helper()
	f.packets = map[string]int{}
	collect := func(err error) {
		if err != nil {
			f.t.Fatal(err)
		}
	}
	collect(bundle.ReadRows(f.Dir, bundle.RuntimeResults, func(r lane.RuntimeRow) error { f.rows = append(f.rows, r); return nil }))
	collect(bundle.ReadRows(f.Dir, bundle.BaselineResults, func(r lane.BaselineRow) error { f.baseline = append(f.baseline, r); return nil }))
	collect(bundle.ReadRows(f.Dir, bundle.WitnessEvents, func(r lane.WitnessRow) error { f.witness = append(f.witness, r); return nil }))
	collect(bundle.ReadRows(f.Dir, bundle.MismatchPackets, func(p struct {
		Reason string `json:"mismatch_reason"`
	}) error {
		f.packets[p.Reason]++
		return nil
	}))
}

// log is what a profile's plugins wrote to stderr.
func (f *finished) log(profile string) string {
	f.t.Helper()
	b, err := os.ReadFile(filepath.Join(f.Dir, "logs", profile+".log"))
	if err != nil && !os.IsNotExist(err) {
		f.t.Fatal(err)
	}
	return string(b)
}

// sealedHere skips a test when the preflight says that nothing can be sealed.
func (f *finished) sealedHere() {
	f.t.Helper()
	var p bundle.ApplyPreflight
	if err := bundle.ReadDocument(f.Dir, bundle.Preflight, &p); err != nil {
		f.t.Fatal(err)
	}
	if p.Status != "ok" {
		needs.Missing(f.t, needs.Seal, p.BlockedReason)
	}
}

// whole checks what holds for every run, whatever died in it.
func (f *finished) whole(planned int) {
	f.t.Helper()
	if !f.Verify.Valid {
		f.t.Errorf("the bundle does not verify: %+v", f.Verify.Findings)
	}
	seen := map[string]int{}
	for _, r := range f.rows {
		seen[fmt.Sprint(r.ExpectationID, " ", r.Attempt)]++
		f.honest(r)
	}
	for id, n := range seen {
		if n != 1 {
			f.t.Errorf("%s has %d rows", id, n)
		}
	}
	if len(seen) != planned || len(f.baseline) == 0 {
		f.t.Errorf("%d attempts have rows, %d were planned; %d baseline rows", len(seen), planned, len(f.baseline))
	}
}

// honest checks a row's decision against what it must rest on: the call came
// back, the witness saw it, and the profile says so.
func (f *finished) honest(r lane.RuntimeRow) {
	f.t.Helper()
	v := r.Decision.Verdict
	if v == nil {
		if r.Decision.Reason == "" {
			f.t.Errorf("%s: no decision and no reason", r.ExpectationID)
		}
		return
	}
	if r.State != lane.Done || r.Decision.Tier != lane.TierWitnessed || *v != truth(r) {
		f.t.Errorf("%s: decided %s by %s in state %s, the profile says %s", r.ExpectationID, *v, r.Decision.Tier, r.State, truth(r))
	}
	for _, w := range f.witness {
		if w.ExpectationID == r.ExpectationID && w.Attempt == r.Attempt && w.Operation == r.Operation &&
			w.Filter.Value == r.Filter.Value && w.Verdict == *v && w.By == lane.ByPolicy && w.PID == r.PID {
			return
		}
	}
	f.t.Errorf("%s: decided %s without a witness", r.ExpectationID, *v)
}

// noChildren checks that nothing that the run started is still there. A process
// that was just killed is given a moment to go.
func (f *finished) noChildren() {
	f.t.Helper()
	var left []process
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left = childrenOf(os.Getpid()); len(left) == 0 {
			return
		}
	}
	f.t.Errorf("still there after the run: %v", left)
}

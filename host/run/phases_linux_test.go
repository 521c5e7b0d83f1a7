package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// lifetimes watches the processes of a run: which kinds of trust live at once, and
// which processes live when the first of another kind is started.
type lifetimes struct {
	t    *testing.T
	mu   sync.Mutex
	live map[string]int // by kind
	kind string         // of the process started last
	seen []string       // a kind each time when it changed
	jobs map[string]int // started, by kind
}

func (l *lifetimes) begin(job probing.Job) (ended func()) {
	kind := "unsealed"
	switch {
	case job.Policy != nil && job.Seal == probing.SealWrap:
		kind = "wrapped"
	case job.Policy != nil:
		kind = "sealed"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if kind != l.kind {
		l.kind, l.seen = kind, append(l.seen, kind)
		if left := plugins(l.t); len(left) > 0 {
			l.t.Errorf("%s (%s) is started while others are alive: %v", job.Name, kind, left)
		}
	}
	l.jobs[kind]++
	l.live[kind]++
	for other, n := range l.live {
		if other != kind && n > 0 {
			l.t.Errorf("%s (%s) is started while %d %s are running", job.Name, kind, n, other)
		}
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.live[kind]--
	}
}

// plugins are the programs of this process's children that run plugins, orphans
// that it adopted among them.
func plugins(t *testing.T) (programs []string) {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Error(err)
	}
	for _, list := range lists {
		b, _ := os.ReadFile(list) // a thread may have ended
		for _, pid := range strings.Fields(string(b)) {
			if exe, _ := os.Readlink("/proc/" + pid + "/exe"); strings.Contains(exe, "hrhost-probe-") {
				programs = append(programs, pid+" "+exe)
			}
		}
	}
	return programs
}

// TestLanesApart: no process without a policy is alive while a sealed one is, in
// any way in which a run starts processes: shared and separate baselines, those
// after a shared one died, one process a probe, listings and sweeps. The family
// "daemon" leaves an orphan each time.
func TestLanesApart(t *testing.T) {
	dir := t.TempDir()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("schema = 1\nid = \"apart\"\n")
	profile := func(id, family, rest string) {
		fmt.Fprintf(&text, "[[profile]]\nid = %q\nfamily = %q\nsource = \"p.sb\"\n%s\n", id, family, rest)
	}
	const two = `probes = [ { id = "a", op = "sysctl-read", target = "kernel.ostype", expect = "any" },
		{ id = "bad", op = "sysctl-read", target = "kernel.version", expect = "any" } ]`
	const one = `probes = [ { id = "a", op = "sysctl-read", target = "kernel.ostype", expect = "any" } ]`
	profile("wrapped", "sysctl", "seal = \"wrap\"\nwrap = [\"env\", \"D={socket_dir}\", \"{plugin}\"]\n"+one)
	profile("exec", "sysctl", "seal = \"exec\"\n"+two)
	profile("orphans", "daemon", two)
	profile("isolated", "daemon", "isolation = \"probe\"\n"+two)
	profile("dies", "segv", two)
	profile("goes-on", "segv", one)
	profile("sweep", "many", `sweep = { op = "sysctl-read" }`)
	profile("again", "many", `sweep = { op = "sysctl-read", limit = 10 }`)
	for _, family := range []string{"daemon", "segv", "many"} {
		path := filepath.Join(dir, "hrhost-probe-"+family)
		if err := os.Symlink(filepath.Join(bin, "hrhost-probe-fault"), path); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "[plugin.%s]\npath = %q\n", family, path)
	}
	for name, text := range map[string]string{"p.sb": "(version 1)(allow default)", "plan.toml": text.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := plan.Load(filepath.Join(dir, "plan.toml"), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, l := &watcher{}, &lifetimes{t: t, live: map[string]int{}, jobs: map[string]int{}}
	res, err := Run(t.Context(), Options{
		Plan: p, Shown: "plan.toml", Out: filepath.Join(dir, "out"), Bin: bin,
		TempDir: "/tmp", Channel: "direct", Version: "test", Watch: w, Point: tampered(nil), batch: 500, lives: l.begin,
	})
	if err != nil {
		t.Fatal(err)
	}
	needSeal(t, w.lines)
	if got := strings.Join(l.seen, " "); got != "unsealed wrapped sealed" || !res.Verify.Valid {
		t.Errorf("phases %q; valid %t: %+v", got, res.Verify.Valid, res.Verify.Findings)
	}
	// Three shared baselines; one after the death of the shared one for each of two
	// profiles; two isolated; of each sweep a listing and a baseline.
	if l.jobs["unsealed"] != 3+2+2+4 || l.jobs["wrapped"] != 1 || l.jobs["sealed"] != 1+1+2+2+2 {
		t.Errorf("processes: %v", l.jobs)
	}
	if n := len(w.lines); n != 10 {
		t.Errorf("%d lines", n)
	}
	for _, s := range res.Sweeps {
		if s.Other != 0 || s.Allowed != s.Targets || s.Processes != 1 {
			t.Errorf("%+v", s)
		}
	}
	if left := plugins(t); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
}

// TestOrphansForbidSealing: where an orphan could not be ended, nothing is sealed,
// and the report names the reason.
func TestOrphansForbidSealing(t *testing.T) {
	p := &processes{orphaned: errors.New("1 is still there")}
	rep := p.start(t.Context(), nil, "", probing.Job{Policy: new(sbpl.Policy), Items: make([]wire.RunItem, 2)})
	if rep.Failed != lane.StageLaunch || rep.Err != p.orphaned || len(rep.Attempts) != 2 {
		t.Errorf("%+v", rep)
	}
}

func TestContained(t *testing.T) {
	whole := launch.Containment{LandlockABI: 6, Scopes: []string{"signal", launch.ScopeAbstract}, Lasting: launch.Refused}
	filter := launch.Containment{Lasting: launch.Refused}
	for _, c := range []struct {
		containment            launch.Containment
		operation, api, result string
		want                   bool
	}{
		{whole, "file-read-data", "open", "EACCES", true},
		{whole, "file-read-data", "open", "EPERM", false},
		{whole, "signal", "kill", "EPERM", false},
		{whole, "network-outbound", "connect", "EPERM", true},
		{whole, "network-outbound", "dial", "EPERM", true},
		{whole, "mach-lookup", "sendmsg", "EPERM", true},
		{whole, "network-outbound", "connect", "ECONNREFUSED", false},
		{whole, "ipc-sysv-shm", "shmget", "EACCES", true},
		{filter, "ipc-sysv-shm", "shmget", "EACCES", true},
		{filter, "network-outbound", "connect", "EPERM", false},
		{launch.Containment{LandlockABI: 1}, "file-read-data", "open", "EACCES", true},
		{launch.Containment{}, "file-read-data", "open", "EACCES", false},
		{whole, "file-read-data", "open", "", false},
	} {
		if got := contained(c.containment, c.operation, lane.Result{API: c.api, ErrnoName: c.result}); got != c.want {
			t.Errorf("%s by %s: %s under %+v: %t", c.operation, c.api, c.result, c.containment, got)
		}
	}
}

// TestSpool: a baseline comes back from the spool as it was put there, and the
// spool has no name.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	s, err := newSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("it has a name: %v", left)
	}
	zero := 0
	want := unsealedBatch{Trouble: "baseline failed", Rows: []*lane.BaselineRow{
		{Name: "a", State: lane.Done, Contained: true,
			Result: lane.Result{Class: lane.OK, Errno: &zero, Native: &lane.Native{}}},
		{Context: lane.Context{ProbeName: "b", Path: &lane.PathObservation{}}, Effect: lane.EffectSeen},
	}}
	first, err1 := s.put(unsealedBatch{})
	second, err2 := s.put(want)
	var none, got unsealedBatch
	if err := errors.Join(err1, err2, s.get(second, &got), s.get(first, &none)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(none.Rows) > 0 || none.Trouble != "" {
		t.Errorf("%+v", none)
	}
}

package sdktest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func spec() *sdk.Spec {
	return &sdk.Spec{
		Family: "test", Version: "1", Doc: "A plugin for tests.",
		Probes: []*sdk.Probe{{
			Operation: "file-chdir", Filter: "path", Purpose: "Changes to a directory.", Carrier: "chdir PATH",
			Platforms: []sdk.Platform{sdk.Linux, sdk.MacOS},
			Results: []sdk.Result{
				{API: "chdir", Errno: syscall.EPERM, Class: sdk.Denied, Source: "chdir(2)"},
				{API: "chdir", Errno: syscall.ENOENT, Class: sdk.Missing, Source: "chdir(2)"},
			},
			Run: func(rec *sdk.Recorder) error {
				rec.Attempt(sdk.Call{API: "chdir", Carrier: "chdir " + rec.Target(), Filter: rec.Target()},
					func() (string, error) { return "", syscall.Chdir(rec.Target()) })
				return nil
			},
			Enumerate: func(yield func(string) error) error { return yield("/") },
		}},
	}
}

func TestSpec(t *testing.T) { sdktest.SpecTest(t, spec()) }

func TestProbe(t *testing.T) {
	t.Chdir(t.TempDir())
	for target, class := range map[string]sdk.Class{".": sdk.OK, "./none": sdk.Missing} {
		got := sdktest.ProbeTest{Spec: spec(), Operation: "file-chdir", Target: target,
			Want: sdktest.Want{Class: class, Filter: target, Effect: sdk.EffectUnobservable}}.Run(t)
		if got.API != "chdir" || !got.Attempted {
			t.Errorf("%+v", got)
		}
	}
	sdktest.ProbeTest{Spec: spec(), Operation: "none", Want: sdktest.Want{Skipped: true}}.Run(t)
	if list := sdktest.Targets(t, spec(), "file-chdir"); len(list) != 1 || list[0] != "/" {
		t.Errorf("targets %v", list)
	}
}

// answer is what hrhost prints about a denied attempt, as far as it is read.
const answer = `{"exit": 1, "story": {"runtime": [{"state": "done", "carrier": "open /p", "filter": {"name": "n", "value": "v"},
	"result": {"class": "denied", "api": "open", "errno": 1, "value": ""}, "effect": "unobservable",
	"decision_record": {"decision": "deny", "decision_path": "primary_op_denied", "rule": {"file": "p.sb", "line": 2, "col": 1, "text": "(deny default)"}}}]}}`

// hostThat is an hrhost that prints a text and exits 1, as for a mismatch, and
// leaves its arguments in a file.
func hostThat(t *testing.T, prints string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "hrhost")
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >%s.args\ncat <<'END'\n%s\nEND\nexit 1\n", path, prints)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunSealed(t *testing.T) {
	host := hostThat(t, answer)
	t.Setenv("HRHOST", host)
	got := sdktest.ProbeTest{Operation: "op", Target: "v", Want: sdktest.Want{
		Class: sdk.Denied, Carrier: "open /p", Filter: "v", Decision: sdktest.Deny,
	}}.RunSealed(t, "./bin", "p.sb")
	if got.Why != "primary_op_denied, rule p.sb:2:1 (deny default)" || got.Errno == nil || *got.Errno != 1 {
		t.Errorf("%+v", got)
	}
	args, err := os.ReadFile(host + ".args")
	if want := "--json plugin run ./bin --probe op:v --profile p.sb\n"; err != nil || string(args) != want {
		t.Errorf("hrhost was started with %q, %v", args, err)
	}
}

// bad are tests that must not pass, and what they must say.
var bad = map[string]struct {
	want string
	run  func(*testing.T)
}{
	"invalid spec": {"no version", func(t *testing.T) {
		s := spec()
		s.Version = ""
		sdktest.SpecTest(t, s)
	}},
	"another class": {`class is "missing", want "ok"`, func(t *testing.T) {
		sdktest.ProbeTest{Spec: spec(), Operation: "file-chdir", Target: "./none", Want: sdktest.Want{Class: sdk.OK}}.Run(t)
	}},
	"not skipped": {"attempted true", func(t *testing.T) {
		sdktest.ProbeTest{Spec: spec(), Operation: "file-chdir", Target: ".", Want: sdktest.Want{Skipped: true}}.Run(t)
	}},
	"options": {"takes no options", func(t *testing.T) {
		sdktest.ProbeTest{Spec: spec(), Operation: "file-chdir", Target: ".", Options: json.RawMessage(`{}`)}.Run(t)
	}},
	"no such program": {"by-hand", func(t *testing.T) { sdktest.Conformance(t, filepath.Join(t.TempDir(), "none")) }},
	"does not build":  {"building ./none", func(t *testing.T) { sdktest.Build(t, "./none") }},
	"another decision": {`decision is "deny" (primary_op_denied`, func(t *testing.T) {
		t.Setenv("HRHOST", hostThat(t, answer))
		sdktest.ProbeTest{Operation: "op", Target: "v", Want: sdktest.Want{Decision: sdktest.Allow}}.RunSealed(t, "b", "p")
	}},
	"no row": {"no row", func(t *testing.T) {
		t.Setenv("HRHOST", hostThat(t, `{"exit": 3}`))
		sdktest.ProbeTest{Operation: "op"}.RunSealed(t, "b", "p")
	}},
	"arm": {"write a plan", func(t *testing.T) {
		sdktest.ProbeTest{Operation: "op", Arm: sdk.Before}.RunSealed(t, "b", "p")
	}},
	"no host": {"hrhost is required here", func(t *testing.T) {
		t.Setenv("HRHOST", "")
		t.Setenv("PATH", t.TempDir())
		t.Setenv("HRHOST_REQUIRE", "hrhost")
		sdktest.ProbeTest{Operation: "op"}.RunSealed(t, "b", "p")
	}},
	"no policy": {"linux-seal is required here", func(t *testing.T) {
		t.Setenv("HRHOST", hostThat(t, strings.ReplaceAll(answer, "primary_op_denied", "apply_unsupported")))
		t.Setenv("HRHOST_REQUIRE", "linux-seal")
		sdktest.ProbeTest{Operation: "op"}.RunSealed(t, "b", "p")
	}},
}

const onlyBad = "SDKTEST_BAD"

// TestBad is one of the bad tests, in a process of its own.
func TestBad(t *testing.T) {
	if b, ok := bad[os.Getenv(onlyBad)]; ok {
		b.run(t)
	}
}

// TestTheKitFails: a test kit that passes everything is worth nothing.
func TestTheKitFails(t *testing.T) {
	for name, b := range bad {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestBad$", "-test.v")
			cmd.Env = append(os.Environ(), onlyBad+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), b.want) || !strings.Contains(string(out), "--- FAIL: TestBad") {
				t.Errorf("%v, want %q in\n%s", err, b.want, out)
			}
		})
	}
}

// TestWithoutAHost: what is not there is skipped, and says so.
func TestWithoutAHost(t *testing.T) {
	t.Setenv("HRHOST", "")
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HRHOST_REQUIRE", "")
	skipped := true
	t.Run("sealed", func(t *testing.T) {
		sdktest.ProbeTest{Operation: "op"}.RunSealed(t, "b", "p")
		skipped = false
	})
	if !skipped {
		t.Error("RunSealed went on without an hrhost")
	}
}

// The tests of a plugin of one probe.
func ExampleProbeTest() {
	_ = func(t *testing.T) {
		sdktest.SpecTest(t, spec())
		sdktest.ProbeTest{
			Spec: spec(), Operation: "file-chdir", Target: "/no/such/directory",
			Want: sdktest.Want{Class: sdk.Missing},
		}.Run(t)
	}
}

// The real binary, with a hostile host and under a profile.
func ExampleConformance() {
	_ = func(t *testing.T) {
		binary := sdktest.Build(t, ".")
		sdktest.Conformance(t, binary)
		sdktest.ProbeTest{
			Operation: "sysctl-read", Target: "kernel.ostype",
			Want: sdktest.Want{Class: sdk.Denied, Decision: sdktest.Deny},
		}.RunSealed(t, binary, "testdata/deny.sb")
	}
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/internal/needs"
)

// besidePlan is a plan of two built-in families and the two third-party ones.
const besidePlan = `schema = 1
id     = "beside.v1"

[plugin.systemsocket]
path = "hrhost-probe-systemsocket"
[plugin.iokit]
path = "hrhost-probe-iokit"

[[profile]]
id     = "sysctl"
family = "sysctl"
source = "all.sb"
probes = [
  { id = "allowed", op = "sysctl-read", target = "kernel.ostype",  expect = "allow" },
  { id = "denied",  op = "sysctl-read", target = "kernel.version", expect = "deny" },
]

[[profile]]
id     = "signal"
family = "signal"
source = "all.sb"
probes = [
  { id = "allowed", op = "signal", target = "child", expect = "allow" },
  { id = "denied",  op = "signal", target = "pid1",  expect = "deny" },
]

[[profile]]
id      = "socket"
family  = "systemsocket"
source  = "all.sb"
acquire = "both"
probes  = [
  { id = "allowed", op = "system-socket", target = "AF_NETLINK/SOCK_RAW/0",   expect = "allow", expect_before = "held" },
  { id = "denied",  op = "system-socket", target = "AF_NETLINK/SOCK_RAW/9",   expect = "deny",  expect_before = "held" },
  { id = "lacking", op = "system-socket", target = "AF_DECnet/SOCK_STREAM/0", expect = "absent" },
]

[[profile]]
id      = "device"
family  = "iokit"
source  = "all.sb"
acquire = "both"
probes  = [
  { id = "allowed", op = "file-read-data",  target = "/dev/null", expect = "allow", expect_before = "held" },
  { id = "denied",  op = "file-read-data",  target = "/dev/zero", expect = "deny",  expect_before = "held" },
  { id = "missing", op = "file-read-data",  target = "/dev/hrhost-no-such-device", expect = "absent" },
]
[[profile]]
id     = "write"
family = "iokit"
source = "all.sb"
probes = [ { id = "denied", op = "file-write-data", target = "/dev/null", expect = "deny" } ]
`

// besideProfile is one profile for all four families.
const besideProfile = `(version 1)
(deny default)
(deny process-info*)
(allow sysctl-read (sysctl-name "kernel.ostype"))
(allow signal (target children))
(allow system-socket (require-all (socket-domain AF_NETLINK) (socket-protocol 0)))
(allow system-socket (socket-domain AF_DECnet))
(allow file-read-data (literal "/dev/null") (literal "/dev/hrhost-no-such-device"))
`

// TestThirdPartyBeside: plugins of other modules, built from the SDK alone and
// with no network, stand in one bundle beside the built-in families. Each row has
// its decision and the rule that made it.
func TestThirdPartyBeside(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the rows are Linux's")
	}
	bin := buildPrograms(t)
	if !sealable(bin)() {
		needs.Missing(t, needs.Seal, "no policy can be applied here")
	}
	dir := t.TempDir()
	for _, family := range []string{"iokit", "systemsocket"} {
		buildExample(t, family, dir)
	}
	for name, text := range map[string]string{"plan.toml": besidePlan, "all.sb": besideProfile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hrhost := filepath.Join(bin, "hrhost")
	for _, args := range [][]string{{"run", "plan.toml"}, {"verify", "out"}} {
		cmd := exec.Command(hrhost, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("hrhost %v: %v\n%s", args, err, out)
		}
	}
	want := map[string]string{
		"sysctl:allowed@after": "allow no_denial_observed line 4", "sysctl:denied@after": "deny primary_op_denied line 2",
		"signal:allowed@after": "allow no_denial_observed line 5", "signal:denied@after": "deny primary_op_denied line 2",
		"socket:allowed@after":  "allow no_denial_observed line 6",
		"socket:allowed@again":  "allow no_denial_observed line 6",
		"socket:allowed@before": "none not_rechecked held",
		"socket:denied@after":   "deny primary_op_denied line 2",
		"socket:denied@again":   "deny primary_op_denied line 2",
		"socket:denied@before":  "none not_rechecked held",
		"socket:lacking@after":  "allow no_denial_observed line 7",
		"device:allowed@after":  "allow no_denial_observed line 8",
		"device:allowed@again":  "allow no_denial_observed line 8",
		"device:allowed@before": "none not_rechecked held",
		"device:denied@after":   "deny primary_op_denied line 2",
		"device:denied@again":   "deny primary_op_denied line 2",
		"device:denied@before":  "none not_rechecked held",
		"device:missing@after":  "allow no_denial_observed line 8",
		"write:denied@after":    "deny primary_op_denied line 2",
	}
	got := decided(t, filepath.Join(dir, "out"))
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s: %q, want %q", id, got[id], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// unmediated asks for what nobody decides on Linux: an operation, and an
// operation about the wrong object.
const unmediated = `[[profile]]
id     = "strict.EXPECT"
family = "systemsocket"
source = "strict.sb"
probes = [ { id = "ioctl", op = "socket-ioctl", filter = "ioctl-command", target = "FIONREAD", expect = "EXPECT" } ]
[[profile]]
id     = "open.EXPECT"
family = "systemsocket"
source = "open.sb"
probes = [ { id = "ioctl", op = "socket-ioctl", filter = "ioctl-command", target = "FIONREAD", expect = "EXPECT" } ]
`

// TestNotMediated: a row about an operation that this world does not mediate
// says so, and is a mismatch and no decision, whatever the profile says and the
// plan expects.
func TestNotMediated(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("on macOS the system decides every operation")
	}
	bin := buildPrograms(t)
	if !sealable(bin)() {
		needs.Missing(t, needs.Seal, "no policy can be applied here")
	}
	dir := t.TempDir()
	buildExample(t, "systemsocket", dir)
	text, ids := "schema = 1\nid = \"unmediated.v1\"\n[plugin.systemsocket]\npath = \"hrhost-probe-systemsocket\"\n", []string{}
	for _, expect := range []string{"allow", "deny", "any"} {
		text += strings.ReplaceAll(unmediated, "EXPECT", expect)
		ids = append(ids, "strict."+expect+":ioctl@after", "open."+expect+":ioctl@after")
	}
	for name, text := range map[string]string{
		"plan.toml": text, "strict.sb": "(version 1)(deny default)(deny socket-ioctl)", "open.sb": "(version 1)(allow default)(allow socket-ioctl)",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(bin, "hrhost"), "run", "plan.toml")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Fatalf("exit %d, want 1: a mismatch (%v)\n%s", code, err, out)
	}
	got, packets := decided(t, filepath.Join(dir, "out")), map[string]int{}
	latest, err := bundle.Resolve(filepath.Join(dir, "out"))
	if err == nil {
		err = bundle.ReadRows(latest, bundle.MismatchPackets, func(p mismatch.Packet) error {
			packets[p.ExpectationID]++
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got[id] != "none not_mediated socket-ioctl is not mediated on Linux" || packets[id] != 1 {
			t.Errorf("%s: %q, %d packets", id, got[id], packets[id])
		}
	}
}

// decided is each runtime row of a bundle in a few words: the decision, why, and
// the line of the rule, or what became of the handle, or what is said about it.
func decided(t *testing.T, path string) map[string]string {
	t.Helper()
	dir, err := bundle.Resolve(path)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err = bundle.ReadRows(dir, bundle.RuntimeResults, func(r lane.RuntimeRow) error {
		d := r.Decision
		verdict, tail := "none", r.Detail
		switch {
		case d.Verdict != nil && d.PolicyRule != nil:
			verdict, tail = string(*d.Verdict), fmt.Sprintf("line %d", d.PolicyRule.Line)
		case r.Use != "":
			tail = string(r.Use)
		}
		got[r.ExpectationID] = fmt.Sprintf("%s %s %s", verdict, d.Reason, tail)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// buildExample builds a third party's plugin as its author would, with what is
// in the module cache and no network.
func buildExample(t *testing.T, family, dir string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "hrhost-probe-"+family), ".")
	cmd.Dir = filepath.Join(root, "examples", family)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOFLAGS=-mod=readonly -buildvcs=false -ldflags=-w")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the example %s: %v\n%s", family, err, out)
	}
}

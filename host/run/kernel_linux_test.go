package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/probing"
	rules "github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// mac is a kernel as a Mac's, for a plugin that behaves as on one: the sequence
// of macOS is run on Linux, from the plan to the verified bundle.
type mac struct {
	policy    *sbpl.Policy
	lying     bool     // nothing is sandboxed, whatever the plugin says
	reports   []string // what the log has about the sealed process, with %d for its number
	noLog     string
	mu        sync.Mutex
	sealedPID int
	sealedAt  time.Time
}

func (m *mac) Sandboxed(pid int) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sealedPID, m.sealedAt = pid, time.Now()
	return !m.lying, nil
}

func (m *mac) Check(_ int, q rules.Question) (bool, error) {
	query := sbpl.Query{Operation: q.Operation, Filters: []sbpl.Filter{{Name: "global-name", Value: q.Texts[0]}}}
	return m.policy.Decide(query).Action == sbpl.Deny, nil
}

func (m *mac) Records(time.Time) (out []seatbelt.Record, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, text := range m.reports {
		r, err := seatbelt.ParseReport(fmt.Sprintf(text, m.sealedPID))
		if err != nil {
			panic(err)
		}
		out = append(out, seatbelt.Record{Kind: seatbelt.KindReport, Time: m.sealedAt, Report: r})
	}
	return out, m.noLog
}

func (*mac) Listen([]seatbelt.Post) (seatbelt.Receiver, error) { panic("nothing is posted") }
func (*mac) Close() error                                      { return nil }

const macProfile = `(version 1)(deny default)
(allow mach-lookup (global-name "com.example.ok") (global-name "com.example.missing"))`

// runMac runs a plan of look-ups with the plugin that stands in for a Mac's.
func runMac(t *testing.T, m *mac, profile string) outcome {
	t.Helper()
	dir := t.TempDir()
	plugin := filepath.Join(dir, "hrhost-probe-mach")
	build := exec.Command("go", "build", "-o", plugin, "./testdata/mac")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the plugin: %v\n%s", err, out)
	}
	var err error
	if m.policy, err = sbpl.Compile([]byte(profile), sbpl.Options{Name: "mac.sb"}); err != nil {
		t.Fatal(err)
	}
	plan := fmt.Sprintf(`schema = 1
id = "mac"
[plugin.mach]
path = %q
[[profile]]
id = "mac"
family = "mach"
source = "mac.sb"
probes = [
  { id = "allowed",  op = "mach-lookup", target = "com.example.ok",            expect = "allow" },
  { id = "reported", op = "mach-lookup", target = "com.example.denied.loud",   expect = "deny" },
  { id = "silent",   op = "mach-lookup", target = "com.example.denied.silent", expect = "deny" },
  { id = "missing",  op = "mach-lookup", target = "com.example.missing",       expect = "absent" } ]
`, plugin)
	for name, text := range map[string]string{"mac.toml": plan, "mac.sb": profile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return runAnyPlan(t, filepath.Join(dir, "mac.toml"), func(h *probing.Host) { h.Kernel = m })
}

func TestMac(t *testing.T) {
	got := runMac(t, &mac{reports: []string{
		"Sandbox: hrhost-probe-mach(%d) deny(1) mach-lookup com.example.denied.loud",
		"2 duplicate reports for Sandbox: hrhost-probe-mach(%d) deny(1) mach-lookup com.example.denied.loud",
		"Sandbox: hrhost-probe-mach(%d) deny(1) file-read-data /dev/dtracehelper",
	}}, macProfile)
	if got.Exit != ExitOK || len(got.packets) != 0 {
		t.Errorf("exit %d, %v", got.Exit, got.reasons())
	}
	rows := runtimeRows(t, got.Dir)
	for id, want := range map[string]string{
		"allowed":  "allow inferred no_denial_observed null",
		"reported": "deny witnessed primary_op_denied mach-lookup",
		"silent":   "deny inferred primary_op_denied null",
		"missing":  "allow inferred no_denial_observed null",
	} {
		if d := find(rows, "mac:"+id+"@after").Decision; spoken(d) != want {
			t.Errorf("%s: %s, want %s", id, spoken(d), want)
		}
	}
	var oracle struct{ Results []lane.OracleRow }
	document(t, got.Dir, bundle.OracleResults, &oracle)
	for _, o := range oracle.Results {
		if o.Source == "sandbox_check" && (o.SharedPolicyEngine || o.Prediction == "unknown") {
			t.Errorf("%s: %+v", o.ExpectationID, o)
		}
	}
	if n := len(slices.DeleteFunc(oracle.Results, func(o lane.OracleRow) bool { return o.Source != "sandbox_check" })); n != 4 {
		t.Errorf("%d rows of sandbox_check, want 4", n)
	}
	log, err := os.ReadFile(filepath.Join(got.Dir, bundle.WitnessEvents))
	if err != nil || strings.Count(string(log), "\n") != 3 || !strings.Contains(string(log), `"repeats":2`) {
		t.Errorf("the witness: %v\n%s", err, log)
	}
}

// TestMacNotBelieved: what the plugin says of its seal is not enough, and a
// policy that is not in force decides nothing.
func TestMacNotBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		kernel  *mac
		profile string
		reason  lane.Reason
	}{
		"a lie":  {&mac{lying: true}, macProfile, lane.ApplyFailed},
		"nested": {&mac{}, "; nested\n" + macProfile, lane.ApplyAlreadySandboxed},
	} {
		t.Run(name, func(t *testing.T) {
			got := runMac(t, c.kernel, c.profile).packets
			for _, p := range got {
				if p.MismatchReason != c.reason || p.DecisionEvent.Decision.Verdict != nil {
					t.Errorf("%s: %s, %v", p.ExpectationID, p.MismatchReason, p.DecisionEvent.Decision.Verdict)
				}
			}
			if len(got) != 4 {
				t.Errorf("%d packets, want 4", len(got))
			}
		})
	}
}

func spoken(d lane.Decision) string {
	verdict, first := "null", "null"
	if d.Verdict != nil {
		verdict = string(*d.Verdict)
	}
	if d.FirstDenialOp != nil {
		first = *d.FirstDenialOp
	}
	return fmt.Sprintf("%s %s %s %s", verdict, d.Tier, d.Reason, first)
}

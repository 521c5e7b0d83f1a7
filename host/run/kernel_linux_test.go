package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/codesign"
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
	signed    int // signatures that were asked for
	sealedAt  time.Time
}

func (m *mac) Sandboxed(pid int) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sealedPID, m.sealedAt = pid, time.Now()
	return !m.lying, nil
}

func (m *mac) Check(_ int, q rules.Question) (bool, error) {
	if m.policy == nil {
		return false, errors.ErrUnsupported
	}
	query := sbpl.Query{Operation: q.Operation, Filters: []sbpl.Filter{{Name: "global-name", Value: q.Texts[0]}}}
	return m.policy.Decide(query).Action == sbpl.Deny, nil
}

// Signature is the same for each process but the first, as if that one had been
// started from other bytes.
func (m *mac) Signature(int) codesign.Signature {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.signed++
	s := codesign.Signature{Flags: 0x20003, Entitlements: []codesign.Entitlement{{Name: "com.example.one", Value: "true"}}}
	if m.signed == 1 {
		s.Flags = 0x10001
	}
	return s
}

func (*mac) Members(int) []seatbelt.Member { return nil }

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
func (*mac) Compile(string, map[string]string) ([]byte, error) { return nil, errors.ErrUnsupported }
func (*mac) Watch()                                            {}
func (*mac) Close() error                                      { return nil }

const macProfile = `(version 1)(deny default)
(allow mach-lookup (global-name "com.example.ok") (global-name "com.example.missing"))`

// runMac runs a plan of look-ups with the plugin that stands in for a Mac's.
func runMac(t *testing.T, m *mac, profile string) outcome {
	t.Helper()
	dir := t.TempDir()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(bin, "mac")
	if m.policy, err = sbpl.Compile([]byte(profile), sbpl.Options{Name: "mac.sb"}); err != nil && rules.Gate(profile) == "" {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`schema = 1
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
	for name, text := range map[string]string{"mac.toml": text, "mac.sb": profile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return runPlanFor(t, filepath.Join(dir, "mac.toml"), plan.MacOS, func(c point.Config) point.Point { return seatbelt.NewPoint(c, m) })
}

// TestMacGated: a profile with a message filter is recognised in the plan. The
// preflight names it, its rows say why there is no decision, and no process is
// started for it, in neither lane.
func TestMacGated(t *testing.T) {
	slow(t)
	for name, profile := range map[string]string{
		"unknown to the evaluator": macProfile + "\n(allow iokit-open (apply-message-filter (deny iokit-async-external-method)))",
		"in a branch not taken":    macProfile + "\n(if (defined? 'no-such-thing) (allow iokit-open (apply-message-filter (deny iokit-async-external-method))))",
	} {
		t.Run(name, func(t *testing.T) {
			m := &mac{}
			got := runMac(t, m, profile)
			const why = "apply-message-filter needs the entitlement"
			var doc bundle.ApplyPreflight
			document(t, got.Dir, bundle.Preflight, &doc)
			if len(doc.Gated) != 1 || doc.Gated[0].ProfileID != "mac" || !strings.Contains(doc.Gated[0].Reason, why) {
				t.Errorf("the preflight: %+v", doc.Gated)
			}
			rows := runtimeRows(t, got.Dir)
			for _, r := range rows {
				if spoken(r.Decision) != "null none apply_unsupported null" || r.Stage != lane.StageApply || !strings.Contains(r.Detail, why) {
					t.Errorf("%s: %s at %s: %s", r.ExpectationID, spoken(r.Decision), r.Stage, r.Detail)
				}
			}
			if len(rows) != 4 || got.Exit != ExitIncomplete {
				t.Errorf("%d rows, exit %d", len(rows), got.Exit)
			}
			logs, err := os.ReadDir(filepath.Join(got.Dir, "logs"))
			if m.sealedPID != 0 || len(logs) != 0 {
				t.Errorf("a plugin was started: %d, %v, %v", m.sealedPID, logs, err)
			}
		})
	}
}

func TestMac(t *testing.T) {
	slow(t)
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

// TestMacSigned: the manifest has what the kernel said of the signature of each
// process of a plugin, alike ones counted.
func TestMacSigned(t *testing.T) {
	slow(t)
	got := runMac(t, &mac{}, macProfile)
	var m bundle.Manifest
	document(t, got.Dir, bundle.RunManifest, &m)
	if len(m.Plugins) != 1 || len(m.Plugins[0].CodeSigning) != 2 {
		t.Fatalf("got %+v", m.Plugins)
	}
	for i, want := range []bundle.CodeSigning{
		{Flags: "0x10001", Meaning: "valid, hardened_runtime"}, {Flags: "0x20003", Meaning: "valid, adhoc, linker_signed"},
	} {
		s := m.Plugins[0].CodeSigning[i]
		if s.Processes != 1 || s.Flags != want.Flags || s.Meaning != want.Meaning || len(s.Entitlements) != 1 || s.Entitlements[0].Name != "com.example.one" {
			t.Errorf("got %+v", s)
		}
	}
}

// TestMacNotBelieved: what the plugin says of its seal is not enough, and a
// policy that is not in force decides nothing.
func TestMacNotBelieved(t *testing.T) {
	slow(t)
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

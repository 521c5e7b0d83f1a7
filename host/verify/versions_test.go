package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// TestOldSpelling: a bundle from before a plan's targets had one spelling has them
// as they were written, and stays valid. A later one has no such excuse.
func TestOldSpelling(t *testing.T) {
	made := func(version int) Report {
		f := newFixture()
		f.probe("slashes", "net/ipv4/ip_forward", lane.Deny)
		f.summary.Counts = bundle.Counts{Profiles: 1, Probes: 3, AsExpected: 3, Attempts: 3, Allow: 1, Deny: 2}
		f.versions = map[string]int{bundle.PlanResolved: 1}
		f.resolve()
		f.versions[bundle.PlanResolved] = version
		dir := f.write(t)
		r, err := Bundle(dir)
		must(t, err)
		return r
	}
	if r := made(1); !r.Valid {
		t.Errorf("of version 1: %v", r.Findings)
	}
	if r := made(2); r.Valid || !strings.Contains(r.Findings[0].Message, `profile "sysctl.strict" is not that of plan.toml`) {
		t.Errorf("of version 2: %v", r.Findings)
	}
}

// TestOldPlaces: in documents of version 1 a default stands at the profile's (version
// N), in later ones nowhere.
func TestOldPlaces(t *testing.T) {
	const text = "(version 1)\n(allow sysctl-read (sysctl-name \"kernel.ostype\"))\n"
	documents := []string{bundle.RuntimeResults, bundle.OracleResults, bundle.WitnessEvents}
	for _, c := range []struct {
		version, line int
		valid         bool
	}{{1, 1, true}, {1, 0, false}, {1, 2, false}, {2, 0, true}, {2, 1, false}} {
		f := newFixture()
		f.under(text)
		f.ruled(text)
		rule := *f.witness[1].Rule
		if !rule.Default || rule.File != "" || rule.Line != 0 {
			t.Fatalf("the denial is by %+v", rule)
		}
		if c.line > 0 {
			rule.File, rule.Line, rule.Col = fixtureName, c.line, 1
		}
		f.runtime[1].Decision.PolicyRule, f.witness[1].Rule, f.oracle[1].Rule = &rule, &rule, &rule
		f.versions = map[string]int{}
		for _, name := range documents {
			f.versions[name] = c.version
		}
		dir := f.write(t)
		r, err := Bundle(dir)
		must(t, err)
		if r.Valid != c.valid {
			t.Errorf("version %d, line %d: %v", c.version, c.line, r.Findings)
		}
	}
}

// TestOneVersion: a document, and each of its lines, is of the version that the index
// lists.
func TestOneVersion(t *testing.T) {
	for _, name := range []string{bundle.WitnessEvents, bundle.RuntimeResults, bundle.SummaryJSON} {
		dir := newFixture().write(t)
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		must(t, err)
		older := strings.Replace(string(text), bundle.SchemaOf(name), bundle.SchemaAt(name, 1), 1)
		if older == string(text) {
			t.Fatalf("%s has no version", name)
		}
		must(t, os.WriteFile(path, []byte(older), 0o644))
		r, err := Bundle(dir)
		must(t, err)
		want := "'" + bundle.SchemaOf(name) + "'"
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.Path == name && f.Check == "schema" && strings.Contains(f.Message, want)
		}) {
			t.Errorf("%s: %v", name, r.Findings)
		}
	}
}

// TestOldTable: a decision that the table gives since version 3 of the runtime rows is
// no decision of an earlier version; what an earlier one decided stays sound in it.
func TestOldTable(t *testing.T) {
	row := lane.RuntimeRow{State: lane.Done, End: lane.Returned, Effect: lane.EffectAbsent, RuntimeStatus: "success"}
	row.Result.Class, row.Arm = lane.OK, lane.After
	yields, decides := row, row
	yields.Decision = lane.Decide(lane.Attempt{
		Supported: true, State: lane.Done, Result: lane.OK, Effect: lane.EffectAbsent, OneWay: true,
		Witness: lane.WitnessSummary{Other: &lane.Denial{Operation: "mach-lookup"}},
	})
	decides.Decision = lane.Decide(lane.Attempt{
		Supported: true, State: lane.Done, Result: lane.OK, Effect: lane.EffectAbsent, OneWay: true,
		Baseline: lane.BaselineOK, ControlEffectSeen: true,
	})
	for version, valid := range map[int][2]bool{2: {false, true}, 3: {true, true}} {
		schema := bundle.SchemaAt(bundle.RuntimeResults, version)
		b := &opened{manifest: bundle.Manifest{OS: "macos"}, listed: map[string]bundle.IndexEntry{
			bundle.RuntimeResults: {SchemaVersion: &schema},
		}}
		for i, r := range []lane.RuntimeRow{yields, decides} {
			if found := newWitnessed(b).sound(1, &tally{}, r); (len(found.list) == 0) != valid[i] {
				t.Errorf("version %d, rule %d: %+v", version, r.Decision.Rule, found.list)
			}
		}
	}
}

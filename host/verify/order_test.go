package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
)

// writtenAt writes a fixture as an hrhost would that had other versions of the
// documents.
func writtenAt(t *testing.T, f *fixture, versions map[string]int) string {
	t.Helper()
	f.versions = versions
	defer func() { f.versions = nil }()
	if notes := f.summary.Notes; f.version(bundle.SummaryJSON) < 2 { // it had none
		f.summary.Notes = nil
		defer func() { f.summary.Notes = notes }()
	}
	return f.write(t)
}

// firstVersions has version 1 of each document that has a later one.
func firstVersions() map[string]int {
	versions := map[string]int{}
	for _, name := range bundle.Required(bundle.KindRun) {
		if bundle.Version(name) > 1 {
			versions[name] = 1
		}
	}
	versions[bundle.SweepJSON], versions[bundle.Hypotheses] = 1, 1
	return versions
}

// TestVerifyOrder: rows that are not in the order of the plan are a finding, in a
// document that promises that order and in no earlier one.
func TestVerifyOrder(t *testing.T) {
	last := func(f *fixture) int { return len(f.runtime) - 1 }
	swap := func(what, with int) func(*fixture) {
		return func(f *fixture) {
			f.runtime[what], f.runtime[with] = f.runtime[with], f.runtime[what]
		}
	}
	for name, c := range map[string]struct {
		bend func(*fixture)
		want []string
	}{
		"as it is": {func(*fixture) {}, nil},
		"probes": {swap(0, 1), []string{
			"runtime_events.normalized.json: row 2: not in the order", "runtime_results.json: row 2: not in the order"}},
		"targets": {swap(4, 5), []string{
			"runtime_events.normalized.json: row 6: not in the order", "runtime_results.json: row 6: not in the order"}},
		"profiles": {func(f *fixture) {
			f.resolve()
			f.runtime = append(f.runtime[2:len(f.runtime):len(f.runtime)], f.runtime[:2]...)
		}, []string{"runtime_events.normalized.json: row 5: not in the order", "runtime_results.json: row 5: not in the order"}},
		"baseline":            {func(f *fixture) { slices.Reverse(f.baseline[:2]) }, []string{"baseline_results.json: row 2: not in the order"}},
		"prediction":          {func(f *fixture) { slices.Reverse(f.oracle[:2]) }, []string{"oracle_results.json: row 2: not in the order"}},
		"witness's processes": {func(f *fixture) { f.witness[1].Seq = 1 }, nil},
		"witness's numbers": {func(f *fixture) { slices.Reverse(f.witness[:2]) }, []string{
			"witness_events.jsonl: row 1: seq is 2, want 1"}},
		"witness's row is missing": {func(f *fixture) { f.witness[last(f)].Seq = 5 }, []string{
			"witness_events.jsonl: row 6: seq is 5, want 4"}},
		"witness's profiles": {func(f *fixture) {
			f.witness = append(f.witness[2:len(f.witness):len(f.witness)], f.witness[:2]...)
		}, []string{"witness_events.jsonl: row 5: not in the order"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := sweepFixture()
			c.bend(f)
			for version, dir := range map[int]string{2: f.write(t), 1: writtenAt(t, f, firstVersions())} {
				r, err := Bundle(dir)
				must(t, err)
				var got []string
				for _, x := range r.Findings {
					got = append(got, x.Path+": "+x.Message)
				}
				slices.Sort(got)
				want := c.want
				if version == 1 {
					want = nil
				}
				if !slices.EqualFunc(got, want, strings.HasPrefix) {
					t.Errorf("version %d: found %q, want %q", version, got, want)
				}
			}
		})
	}
}

// TestVerifyNewer: a bundle of a newer hrhost is not read further than to say so.
func TestVerifyNewer(t *testing.T) {
	for _, name := range []string{bundle.RuntimeResults, bundle.WitnessEvents, bundle.SummaryJSON, bundle.ArtifactIndex} {
		later := map[string]int{name: bundle.Version(name) + 1}
		r, err := Bundle(writtenAt(t, newFixture(), later))
		must(t, err)
		if len(r.Findings) != 1 || r.Promotable || !strings.Contains(r.Findings[0].Message, "is newer than this hrhost, which reads up to v") {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

// TestVerifyMixedVersions: a document may not say another version than the index.
func TestVerifyMixedVersions(t *testing.T) {
	one, two := bundle.SchemaAt(bundle.WitnessEvents, 1), bundle.SchemaOf(bundle.WitnessEvents)
	for dir, says := range map[string][2]string{
		writtenAt(t, newFixture(), firstVersions()): {one, two}, newFixture().write(t): {two, one},
	} {
		index := filepath.Join(dir, bundle.ArtifactIndex)
		text, err := os.ReadFile(index)
		must(t, err)
		must(t, os.WriteFile(index, []byte(strings.ReplaceAll(string(text), says[0], says[1])), 0o644))
		r, err := Bundle(dir)
		must(t, err)
		if len(r.Findings) == 0 || r.Findings[0].Check != "schema" || r.Findings[0].Path != bundle.WitnessEvents {
			t.Errorf("the index says %s: %+v", says[1], r.Findings)
		}
	}
}

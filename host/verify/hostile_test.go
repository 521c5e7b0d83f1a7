package verify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// verifyBent verifies dir and returns its findings as "check path" lines.
func verifyBent(t *testing.T, dir string) (Report, string) {
	t.Helper()
	r, err := Bundle(dir)
	must(t, err)
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Check, f.Path, f.Message)
	}
	return r, b.String()
}

// TestVerifyFindsBentRuns writes runs whose documents are well formed but do
// not fit together.
func TestVerifyFindsBentRuns(t *testing.T) {
	other := bundle.Digest([]byte("other"))
	tests := []struct {
		name string
		bend func(f *fixture)
		want string
	}{
		{"attempt missing", func(f *fixture) { f.runtime = f.runtime[:1] }, "accounting runtime_results.json: \"sysctl.strict:denied@after\" has 0 of 1"},
		{"attempt twice", func(f *fixture) { f.runtime = append(f.runtime, f.runtime[0]) }, "is there twice"},
		{"attempt beyond the plan", func(f *fixture) { f.runtime[0].Attempt = 2 }, "attempt 2 of 1"},
		{"no baseline", func(f *fixture) { f.baseline = f.baseline[1:] }, "has 0 baseline rows"},
		{"unplanned row", func(f *fixture) { f.oracle[0].ExpectationID = "a:b@after" }, "accounting oracle_results.json: row 1: expectation \"a:b@after\" is not in the matrix"},
		{"other run's row", func(f *fixture) { f.witness[0].RunID = "other" }, "identity witness_events.jsonl: row 1"},
		{"other world's row", func(f *fixture) { f.runtime[0].WorldID = "other" }, "identity runtime_results.json: row 1"},
		{"other plan's row", func(f *fixture) { f.baseline[0].PlanDigest = other }, "identity baseline_results.json: row 1"},
		{"other profile's row", func(f *fixture) { f.runtime[0].ProfileDigest = other }, "profile_digest is not that of"},
		{"other plugin's row", func(f *fixture) { f.runtime[0].PluginDigest = other }, "plugin_digest is not that of"},
		{"other operation's row", func(f *fixture) { f.runtime[0].Operation = "signal" }, "operation is not that of"},
		{"witness missing", func(f *fixture) { f.witness = f.witness[1:] }, "witness runtime_results.json: row 1"},
		{"witness is containment", func(f *fixture) { f.witness[1].By = lane.ByContainment }, "witness runtime_results.json: row 2"},
		{"witness says otherwise", func(f *fixture) { f.witness[1].Verdict = lane.Allow }, "is deny, witnessed, but no"},
		{"a deny was passed over", func(f *fixture) {
			deny := f.witness[0]
			deny.Verdict = lane.Deny
			f.saw(deny)
		}, "is allow, but a witness row by policy denies"},
		{"probe dropped everywhere", func(f *fixture) {
			f.resolve()
			p := f.matrix.Profiles["sysctl.strict"]
			p.Probes = p.Probes[:1]
			f.matrix.Profiles["sysctl.strict"] = p
			f.baseline, f.witness, f.runtime, f.oracle = f.baseline[:1], f.witness[:1], f.runtime[:1], f.oracle[:1]
			c := &f.summary.Counts
			c.Probes, c.AsExpected, c.Attempts, c.Deny = 1, 1, 1, 0
		}, "plan expected_matrix.json: \"sysctl.strict:denied@after\" of the plan is not there"},
		{"another expectation", func(f *fixture) {
			f.resolve()
			f.expect(1, "any")
		}, "plan expected_matrix.json: \"sysctl.strict:denied@after\" is not what the plan expects"},
		{"profile of no plan", func(f *fixture) {
			f.resolve()
			f.matrix.Profiles["other"] = f.matrix.Profiles["sysctl.strict"]
		}, "profile \"other\" is not in the plan"},
		{"profile dropped", func(f *fixture) {
			f.resolve()
			delete(f.matrix.Profiles, "sysctl.strict")
		}, "profile \"sysctl.strict\" of the plan is not there"},
		{"profile of another text", func(f *fixture) {
			f.resolve()
			p := f.matrix.Profiles["sysctl.strict"]
			p.Source = "other.sb"
			f.matrix.Profiles["sysctl.strict"] = p
		}, "profile \"sysctl.strict\" is not the plan's"},
		{"an allow for a deny", func(f *fixture) { f.runtime[1].Decision.Verdict = new(lane.Allow) }, "decision runtime_results.json: row 2"},
		{"nothing for a deny", func(f *fixture) {
			d := &f.runtime[1].Decision
			d.Verdict, d.Tier, d.Reason, d.Rule, d.FailureStage = nil, lane.TierNone, lane.ProbeErrno, 12, new(lane.StageOperation)
			f.runtime[1].Result.Class = lane.Other
		}, "is without a decision, but a witness row by policy denies"},
		{"refused by a fence that no row has", func(f *fixture) {
			d := &f.runtime[1].Decision
			*d = lane.Decision{Rule: 14, Reason: lane.ContainmentDenied, Tier: lane.TierNone, FailureStage: new(lane.StageOperation)}
		}, "is containment_denied, but no witness row by containment denies"},
		{"inferred past a complete witness", func(f *fixture) {
			d := &f.runtime[1].Decision
			d.Verdict, d.Tier, d.Reason, d.Rule = new(lane.Allow), lane.TierInferred, lane.NoDenialObserved, 17
			f.runtime[1].Result.Class = lane.OK
		}, "for another witness than the one in force"},
		{"said to be under wrap", func(f *fixture) { f.runtime[1].SealMode = "wrap" }, "row 2: seal_mode is not that of"},
		{"profile said to be under wrap", func(f *fixture) { f.manifest.Profiles[0].SealMode = "wrap" }, "seal_mode differs from the manifest's"},
		{"another rule than the witness names", func(f *fixture) {
			rule := *f.runtime[1].Decision.PolicyRule
			rule.Line = 1
			f.runtime[1].Decision.PolicyRule = &rule
		}, "is deny by another rule than the witness names"},
		{"no rule", func(f *fixture) { f.runtime[1].Decision.PolicyRule = nil }, "is deny by another rule than the witness names"},
		{"by policy before there was one", func(f *fixture) { f.witness[1].Epoch = 0 }, "in epoch 0"},
		{"profile digest", func(f *fixture) { f.manifest.Profiles[0].Digest = other }, "profiles profiles/sysctl.strict.sb: digest differs"},
		{"plan digest", func(f *fixture) { f.files[bundle.PlanTOML] = "schema = 2\n" }, "plan plan.toml: digest differs"},
		{"summary", func(f *fixture) { f.summary.Counts.Allow, f.summary.Counts.Deny = 2, 0 }, "summary summary.json: counts 2 attempts: 2 allow"},
		{"packet of nothing", func(f *fixture) {
			p := fixturePacket(f)
			p["expectation_id"] = "x:y@after"
			f.packets = []any{p}
		}, "packets mismatch_packets.jsonl: line 1"},
		{"packet dropped", func(f *fixture) { f.expect(1, "allow") }, "\"sysctl.strict:denied@after\" has packets [], its rows ask for [unexpected_deny]"},
		{"packet for another reason", func(f *fixture) {
			p := fixturePacket(f)
			p["mismatch_reason"] = "unexpected_deny"
			f.addPacket(p)
		}, "has packets [unexpected_deny], its rows ask for [unexpected_allow]"},
		{"packet with another decision", func(f *fixture) {
			p := fixturePacket(f)
			d := f.runtime[0].Decision
			d.Verdict = new(lane.Deny)
			p["decision_event"].(map[string]any)["decision_record"] = d
			f.addPacket(p)
		}, "the attempt at \"sysctl.strict:allowed@after\" is not that of its row"},
		{"mismatch called undecided", func(f *fixture) {
			f.addPacket(fixturePacket(f))
			f.summary.Counts.Mismatches, f.summary.Counts.Undecided = 0, 1
		}, "0 mismatches, 1 undecided, 0 skipped; rows and packets are 2: 1, 1, 0, 0"},
		{"reasons miscounted", func(f *fixture) {
			f.addPacket(fixturePacket(f))
			f.docs[bundle.MismatchSummary].(map[string]any)["by_reason"] = map[string]int{"probe_died": 1}
		}, "counts 1 packets for probe_died, there are 0"},
		{"status", func(f *fixture) { f.summary.Status = bundle.StatusBlocked }, "status is \"blocked\", rows and packets make it \"ok\""},
		{"families", func(f *fixture) { f.families = map[string]bundle.Counts{"sysctl": {Deny: 2}} }, "families' counts do not add up"},
		{"packets uncounted", func(f *fixture) { f.packets = []any{fixturePacket(f)} }, "summary mismatch_summary.json: counts 0 packets, there are 1"},
		{"mismatch uncounted", func(f *fixture) { f.packets = []any{fixturePacket(f)} }, "rows and packets are 2: 1, 1, 0, 0"},
		{"schema", func(f *fixture) { f.manifest.Channel = "" }, "schema run_manifest.json: at /channel"},
		{"no manifest file", func(f *fixture) { f.manifest.Profiles[0].Path = "profiles/none.sb" }, "not in the index"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture()
			tt.bend(f)
			r, got := verifyBent(t, f.write(t))
			if r.Valid || !strings.Contains(got, tt.want) {
				t.Errorf("valid %v, want a finding %q, got\n%s", r.Valid, tt.want, got)
			}
		})
	}
}

// TestVerifyFindsTampering changes a finished bundle.
func TestVerifyFindsTampering(t *testing.T) {
	overwrite := func(name, text string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644) }
	}
	tests := []struct {
		name string
		do   func(dir string) error
		want string
	}{
		{"changed", func(dir string) error {
			text, err := os.ReadFile(filepath.Join(dir, bundle.PlanTOML))
			must(t, err)
			return overwrite(bundle.PlanTOML, strings.Replace(string(text), "schema = 1", "schema = 2", 1))(dir)
		}, "digest plan.toml: sha256"},
		{"grown", overwrite(bundle.PlanTOML, strings.Repeat("#", 1000)), "digest plan.toml: size"},
		{"missing", func(dir string) error { return os.Remove(filepath.Join(dir, bundle.World)) }, "files world.json: listed in the index but missing"},
		{"extra", overwrite("extra.txt", ""), "files extra.txt: not listed"},
		{"extra below", overwrite("logs/extra.txt", ""), "files logs/extra.txt: not listed"},
		{"no index", func(dir string) error { return os.Remove(filepath.Join(dir, bundle.ArtifactIndex)) }, "index artifact_index.json"},
		{"another bundle for this one", func(dir string) error {
			good := newFixture().write(t)
			must(t, overwrite(bundle.PlanTOML, "changed")(dir))
			return os.Symlink(good, filepath.Join(dir, "LATEST"))
		}, "digest plan.toml"},
		{"symbolic link", func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "link")) }, "files link: is not a regular file"},
		{"symbolic link for a document", func(dir string) error {
			os.Remove(filepath.Join(dir, bundle.World))
			return os.Symlink("/etc/passwd", filepath.Join(dir, bundle.World))
		}, "files world.json: is not a regular file"},
		{"directory link", func(dir string) error {
			os.RemoveAll(filepath.Join(dir, "profiles"))
			return os.Symlink("/etc", filepath.Join(dir, "profiles"))
		}, "files profiles: is not a regular file"},
		{"fifo", func(dir string) error {
			os.Remove(filepath.Join(dir, bundle.PlanTOML))
			return syscall.Mkfifo(filepath.Join(dir, bundle.PlanTOML), 0o644)
		}, "files plan.toml: is not a regular file"},
		{"index is a fifo", func(dir string) error {
			os.Remove(filepath.Join(dir, bundle.ArtifactIndex))
			return syscall.Mkfifo(filepath.Join(dir, bundle.ArtifactIndex), 0o644)
		}, "index artifact_index.json: not a regular file"},
		{"index not JSON", overwrite(bundle.ArtifactIndex, "{"), "index artifact_index.json"},
		{"index not UTF-8", overwrite(bundle.ArtifactIndex, "{\"\xff\":1}"), "not UTF-8"},
		{"index empty", overwrite(bundle.ArtifactIndex, ""), "index artifact_index.json"},
		{"index key twice", overwrite(bundle.ArtifactIndex, `{"run_id":"a","run_id":"b"}`), "twice in one object"},
		{"index deep", overwrite(bundle.ArtifactIndex, strings.Repeat("[", 100000)), "nested deeper"},
		{"index number", overwrite(bundle.ArtifactIndex, `{"n":9007199254740993}`), "2^53"},
		{"index exponent", overwrite(bundle.ArtifactIndex, `{"n":1e999999999}`), "2^53"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := newFixture().write(t)
			must(t, tt.do(dir))
			r, got := verifyBent(t, dir)
			if r.Valid || r.Promotable || !strings.Contains(got, tt.want) {
				t.Errorf("valid %v, promotable %v, want a finding %q, got\n%s", r.Valid, r.Promotable, tt.want, got)
			}
		})
	}
}

// reindex rewrites one file and the index entry for it, as a forger would.
func reindex(t testing.TB, dir string, change func(*bundle.Index)) {
	t.Helper()
	var index bundle.Index
	text, err := os.ReadFile(filepath.Join(dir, bundle.ArtifactIndex))
	must(t, err)
	must(t, json.Unmarshal(text, &index))
	change(&index)
	text, err = json.Marshal(index)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, bundle.ArtifactIndex), text, 0o644))
}

// TestVerifyHostileIndex lists what a bundle must not hold.
func TestVerifyHostileIndex(t *testing.T) {
	for _, path := range []string{"../../etc/passwd", "/etc/passwd", "a/../../b", ".", "..", "./a", "a//b", "a\\b", "a\x00b",
		"\x1b[2Jboo", bundle.ArtifactIndex, strings.Repeat("a/", 400) + "b"} {
		dir := newFixture().write(t)
		reindex(t, dir, func(i *bundle.Index) {
			i.Artifacts = append([]bundle.IndexEntry{{Path: path, SHA256: strings.Repeat("0", 64), MediaType: "text/plain"}}, i.Artifacts...)
		})
		r, got := verifyBent(t, dir)
		if r.Valid || r.Promotable {
			t.Errorf("path %q passes:\n%s", path, got)
		}
		var b strings.Builder
		must(t, r.Text(&b))
		if strings.ContainsAny(b.String(), "\x1b\x00") {
			t.Errorf("path %q reaches the terminal raw", path)
		}
	}
	dir := newFixture().write(t)
	reindex(t, dir, func(i *bundle.Index) { i.Artifacts = append(i.Artifacts, i.Artifacts[0]) })
	if _, got := verifyBent(t, dir); !strings.Contains(got, "listed twice") {
		t.Errorf("an entry twice: %s", got)
	}
}

// forge replaces a document and makes the index agree, so that only its content
// can give it away.
func forge(t *testing.T, dir, name, text string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	reindex(t, dir, func(index *bundle.Index) {
		for i, e := range index.Artifacts {
			if e.Path == name {
				index.Artifacts[i].Size = int64(len(text))
				index.Artifacts[i].SHA256 = strings.TrimPrefix(bundle.Digest([]byte(text)), "sha256:")
			}
		}
	})
}

func TestVerifyHostileRows(t *testing.T) {
	pure(t)
	head := `{"schema_version":"hardened-runtime.runtime_results.v3","run_id":"r","world_id":"w","results":[`
	texts := map[string]string{
		"empty": "", "not an object": "[]", "cut": head, "cut in a row": head + `{"a":`, "no results": `{"a":1}`,
		"results twice": head + `],"results":[]}`, "key twice in a row": head + `{"a":1,"a":2}]}`, "deep": head + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "]}",
		"deeper": head + strings.Repeat("[", 20000), "number": head + `{"pid":1e400}]}`, "big": head + `{"pid":9007199254740992}]}`,
		"text after": head + `]} {}`, "not UTF-8": head + "\"\xff\"]}", "nul": "\x00\x00", "row too long": head + `"` + strings.Repeat("a", bundle.MaxRow+1) + `"]}`,
		"results is an object": `{"results":{}}`, "row is a number": head + "1]}",
	}
	for name, text := range texts {
		for _, doc := range []string{bundle.RuntimeResults, bundle.WitnessEvents} {
			dir := newFixture().write(t)
			forge(t, dir, doc, text)
			if r, got := verifyBent(t, dir); r.Valid || (text != "" && !strings.Contains(got, "schema "+doc)) {
				t.Errorf("%s as %s: valid %v\n%s", name, doc, r.Valid, got)
			}
		}
	}
}

// TestVerifyBoundsFindings keeps the report short however bad the bundle is.
func TestVerifyBoundsFindings(t *testing.T) {
	f := newFixture()
	for range 3 * maxFindings {
		f.oracle = append(f.oracle, lane.OracleRow{})
	}
	r, _ := verifyBent(t, f.write(t))
	if len(r.Findings) != maxFindings || r.Omitted == 0 {
		t.Errorf("%d findings, %d omitted", len(r.Findings), r.Omitted)
	}
}

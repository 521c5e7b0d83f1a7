package faults

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/pages"
)

// hostile is one plugin that means harm. Its name is its family's and its
// profile's.
type hostile struct {
	name string
	does string // for the table of docs/hostile.md
	// condition of promotion that names it, "" for a lie that nothing shows.
	condition string
}

const (
	behaved  = "plugins_well_behaved"
	borneOut = "claims_borne_out"
)

// hostileRuns are plans of an honest family beside plugins that all ask for the
// same exit code.
var hostileRuns = []struct {
	name    string
	exit    int
	plugins []hostile
}{
	{"breaking", 3, []hostile{
		{"flood", "a flood of events", behaved},
		{"calls", "a flood of mediated calls", behaved},
		{"twice", "an outcome twice", behaved},
		{"foreign", "an outcome of an attempt that it was not given", behaved},
		{"early", "says that it is done after one of three attempts", behaved},
		{"miscounts", "counts one attempt too many", behaved},
		{"forge-done", "marks every recorder slot done without a call, and dies", behaved},
		{"forge-back", "takes its recorder slots back to an earlier state", behaved},
		{"forge-times", "places its calls outside of the attempts", behaved},
		{"forge-errno", "claims an error number that no call returns", behaved},
		{"fill", "fills the disk", behaved},
		{"impostor", "has another process answer in its place", behaved},
	}},
	{"lying", 1, []hostile{
		{"lie-allow", "says that denied calls worked", borneOut},
		{"lie-deny", "says that allowed calls were denied", borneOut},
		{"lie-missing", "says of an allowed call that there was no such object", borneOut},
		{"lie-ambient", "says of allowed calls, sealed and in the baseline, that they were refused", borneOut},
		{"pretends", "claims calls that it did not make", borneOut},
		{"lie-call", "claims denials of calls it did not make, and makes others", borneOut},
		{"forge-slot", "makes each call under another attempt's recorder slot", borneOut},
	}},
	{"around", 0, []hostile{
		{"stays", "runs on after Stop", behaved},
		{"grandchild", "leaves a process behind with setsid(2)", behaved},
		{"daemon", "leaves a daemon behind: two forks, two sessions, an environment of its own", behaved},
		{"flood-log", "writes 9 MiB to stderr", behaved},
		{"rewrites", "tries to change its own file, which is exchanged under it while it runs", ""},
		{"repeats", "opens names in a way that the kernel answers with EAGAIN each time (openat2, RESOLVE_CACHED)", ""},
		{"trespass", "tries to read, list, run, link and change what is in other plugins' directories, in the bundle that is being written and in earlier ones; to change the programs, to signal other processes, to open their recorders and their memory", ""},
	}},
	{"unseen", 0, []hostile{
		{"lie-value", "says that it read another value", ""},
		{"lie-read", "says that what it opened could not be read, sealed and in the baseline", ""},
		{"lie-platform", "says that it has no probe for this system", "decisions_at_operation"},
	}},
}

// TestHostile runs hostile plugins beside an honest one. Each is contained and
// named, and the honest family's rows are those of a run without them.
func TestHostile(t *testing.T) {
	alone := runHere(t, hostilePlan(t, nil), &setup{})
	alone.sealedHere()
	want := alone.rowsOf("honest")
	for _, r := range hostileRuns {
		t.Run(r.name, func(t *testing.T) {
			var dir string
			text := hostilePlan(t, r.plugins)
			dir = programDir(text)
			p := &planted{t: t, known: filepath.Join(dir, "known")}
			w := &setup{before: p.plant, started: func() { exchange(t, dir); p.tell() }, after: p.remove}
			original := digestOf(t, filepath.Join(dir, "hrhost-probe-rewrites"))
			f := runHere(t, text, w)
			f.whole(3 * (1 + len(r.plugins)))
			if f.Exit != r.exit || f.Verify.Promotable {
				t.Errorf("exit code %d, want %d; promotable %t", f.Exit, r.exit, f.Verify.Promotable)
			}
			if diff := cmp.Diff(want, f.rowsOf("honest")); diff != "" {
				t.Errorf("the honest family's rows are not what they are without the others:\n%s", diff)
			}
			plugins := f.plugins()
			if p := plugins["rewrites"]; p.Family != "" && p.Digest != original {
				t.Errorf("digest %s, the hashed program had %s", p.Digest, original)
			}
			if n := len(plugins["sysctl"].Faults); n > 0 {
				t.Errorf("the honest plugin is blamed: %q", plugins["sysctl"].Faults)
			}
			f.conditions(r.plugins)
			var rows []string
			for _, h := range r.plugins {
				t.Run(h.name, func(t *testing.T) {
					f.t = t
					rows = append(rows, f.row(h, r.name, r.exit, plugins[h.name]))
				})
			}
			f.t = t
			if len(rows) == len(r.plugins) {
				hostilePage(t, r.name, rows)
			}
		})
	}
}

// hostilePlan is the honest family's profile and one for each hostile plugin.
func hostilePlan(t *testing.T, plugins []hostile) string {
	t.Helper()
	dir := tempDir(t)
	var b strings.Builder
	b.WriteString("schema = 1\nid = \"hostile\"\n")
	profile := func(id, family string) {
		fmt.Fprintf(&b, "[[profile]]\nid = %q\nfamily = %q\nsource = \"strict.sb\"\ntimeout = \"20s\"\nprobes = [%s]\n", id, family, threeProbes)
	}
	profile("honest", "sysctl")
	for _, h := range plugins {
		profile(h.name, h.name)
	}
	for _, h := range plugins {
		path := filepath.Join(dir, "hrhost-probe-"+h.name)
		err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path)
		if h.name == "rewrites" {
			os.Remove(path)
			err = copyFile(filepath.Join(bin(t), "hrhost-probe-fault"), path, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "[plugin.%s]\npath = %q\n", h.name, path)
	}
	return b.String()
}

var programPath = regexp.MustCompile(`path = "(.*)/hrhost-probe-`)

func programDir(text string) string {
	if m := programPath.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// exchange puts another program in the place of one that was hashed.
func exchange(t *testing.T, dir string) {
	path := filepath.Join(dir, "hrhost-probe-rewrites")
	if _, err := os.Stat(path); err != nil {
		return
	}
	other := write(t, dir, "other", "#!/bin/false\n")
	if err := os.Rename(other, path); err != nil {
		t.Error(err)
	}
}

func digestOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(b))
}

// unlike are the members of a row that differ from run to run.
var unlike = []string{"run_id", "plan_digest", "pid", "tid", "seq", "time", "monotonic_us", "started_at", "duration_us", "start_time"}

// busName is the id that a bus gives to a connection, by the order in which they
// come.
var busName = regexp.MustCompile(`:1\.[0-9]+`)

// rowsOf are a profile's rows in all lanes, as they stand in the bundle but for
// ids and times. Of the witness they are those of the attempts.
func (f *finished) rowsOf(profile string) (rows []string) {
	f.t.Helper()
	for _, name := range []string{bundle.RuntimeResults, bundle.BaselineResults, bundle.WitnessEvents, bundle.OracleResults, bundle.RuntimeEvents} {
		err := bundle.ReadRows(f.Dir, name, func(row map[string]any) error {
			id, _ := row["expectation_id"].(string)
			if row["profile_id"] == profile && id != "" {
				without(row)
				text, _ := json.Marshal(row)
				rows = append(rows, name+" "+busName.ReplaceAllString(string(text), ":1.N"))
			}
			return nil
		})
		if err != nil {
			f.t.Fatal(err)
		}
	}
	if len(rows) == 0 {
		f.t.Errorf("no rows of %s", profile)
	}
	slices.Sort(rows) // profiles run side by side
	return rows
}

func without(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range unlike {
			delete(v, name)
		}
		for _, member := range v {
			without(member)
		}
	case []any:
		for _, e := range v {
			without(e)
		}
	}
}

// plugins are the manifest's, by family.
func (f *finished) plugins() map[string]bundle.PluginEntry {
	f.t.Helper()
	var m bundle.Manifest
	if err := bundle.ReadDocument(f.Dir, bundle.RunManifest, &m); err != nil {
		f.t.Fatal(err)
	}
	out := map[string]bundle.PluginEntry{}
	for _, p := range m.Plugins {
		out[p.Family] = p
	}
	return out
}

// conditions checks that promotion is refused for what the plugins did.
func (f *finished) conditions(plugins []hostile) {
	f.t.Helper()
	for _, name := range []string{behaved, borneOut, "decisions_at_operation"} {
		broken := slices.ContainsFunc(plugins, func(h hostile) bool { return h.condition == name })
		if broken && f.holds(name) {
			f.t.Errorf("condition %s holds", name)
		}
	}
}

// row checks what became of one hostile plugin and tells it as a row of the
// table.
func (f *finished) row(h hostile, group string, exit int, entry bundle.PluginEntry) string {
	f.t.Helper()
	sentence, against := "", false
	if n := len(entry.Faults); n > 0 {
		sentence = entry.Faults[n-1]
	}
	var attempts []string
	for _, r := range f.rows {
		if r.Family != h.name {
			continue
		}
		said := string(r.Decision.Reason)
		if r.Decision.Verdict != nil {
			said = string(*r.Decision.Verdict)
			if s := r.Decision.TargetState; s != "" {
				said += " (" + string(s) + ")"
			}
			if r.Decision.Ambient {
				said += " (ambient)"
			}
		}
		if r.Decision.Reason == lane.OpNotWitnessed || r.Decision.Reason == lane.CapturePipelineDisagreement {
			against = true
			if sentence == "" {
				sentence = r.Detail
			}
		}
		attempts = append(attempts, said)
	}
	if blamed := len(entry.Faults) > 0; blamed != (h.condition == behaved) || h.condition == borneOut && !against || against && h.condition != borneOut && h.condition != behaved {
		f.t.Errorf("blamed: %q; against the witness: %t; attempts %v", entry.Faults, against, attempts)
	}
	if (h.condition == behaved || h.condition == borneOut) && !strings.Contains(sentence, h.name) {
		f.t.Errorf("the sentence does not name it: %q", sentence)
	}
	if sentence == "" {
		sentence = f.quoted(h)
	}
	return fmt.Sprintf("| `%s` | %s | %s | %d | %s | %s | `TestHostile/%s/%s` |\n", h.name, h.does, strings.Join(attempts, ", "), exit,
		plainRow(sentence), h.condition, group, h.name)
}

// quoted is what a plugin that nobody blames wrote to its log, where that shows
// that it was contained.
func (f *finished) quoted(h hostile) string {
	f.t.Helper()
	log := f.log(h.name)
	for _, never := range []string{"TRESPASSED", "REWRITTEN"} {
		if strings.Contains(log, never) || strings.Contains(f.log(h.name+".baseline"), never) {
			f.t.Errorf("it came through:\n%s\n%s", log, f.log(h.name+".baseline"))
		}
	}
	var want string
	switch h.name {
	case "trespass":
		if want = "tried: .partial, /t/hr., earlier, earlier.partial, hr.planted/s, hr.planted/scratch, programs, tops"; !strings.Contains(log, want) {
			f.t.Errorf("it did not try under the policy: %q", log)
		}
		want = strings.Replace(want, ", programs", ", processes, programs", 1)
		log = f.log(h.name + ".baseline")
	case "repeats":
		want = "resource temporarily unavailable"
	case "rewrites":
		want = "permission denied"
	default:
		return "none"
	}
	if !strings.Contains(log, want) {
		f.t.Errorf("it did not try: %q", log)
	}
	return "none: all of it is refused"
}

func plainRow(s string) string {
	s = regexp.MustCompile(`process [0-9]+'s`).ReplaceAllString(plain(s), "process N's")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", "\\|")
}

const hostileHead = "| plugin | what it does | its three attempts: allowed, denied, denied by the profile | exit | the sentence | condition | test |\n|---|---|---|---|---|---|---|\n"

// hostilePage keeps a table of docs/hostile.md true.
func hostilePage(t *testing.T, group string, rows []string) {
	t.Helper()
	pages.Part{Path: "../../docs/hostile.md", Begin: "<!-- " + group + " -->\n", End: "<!-- end -->\n"}.
		Holds(t, hostileHead+strings.Join(rows, ""), *update, "go test ./test/faults -update")
}

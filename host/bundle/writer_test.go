package bundle

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// must stops the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWriterCommits(t *testing.T) {
	out := t.TempDir()
	w, err := Create(out, "run-1")
	must(t, err)
	must(t, w.Document(RunManifest, Manifest{SchemaVersion: SchemaOf(RunManifest), RunID: "run-1", WorldID: "w"}))
	rows, err := w.Array(RuntimeResults, map[string]any{"world_id": "w", "nested": map[string]any{"a": map[string]int{"b": 1}}})
	must(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if err := rows.Append(lane.RuntimeRow{Context: lane.Context{ProbeName: "<a&b>"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	lines, err := w.Lines(WitnessEvents)
	must(t, err)
	must(t, lines.Append(map[string]any{"seq": 1}))
	log, err := w.File("logs/sysctl.log")
	must(t, err)
	log.Write([]byte("hello\n"))

	dir, err := w.Commit()
	must(t, err)
	if want := filepath.Join(out, "runs", "run-1"); dir != want {
		t.Errorf("committed %s, want %s", dir, want)
	}
	var doc struct {
		SchemaVersion string `json:"schema_version"`
		RunID         string `json:"run_id"`
		WorldID       string `json:"world_id"`
		Results       []lane.RuntimeRow
	}
	text, err := os.ReadFile(filepath.Join(out, RuntimeResults)) // through LATEST
	must(t, err)
	must(t, json.Unmarshal(text, &doc))
	if len(doc.Results) != 400 || doc.SchemaVersion != SchemaOf(RuntimeResults) || doc.RunID != "run-1" || doc.WorldID != "w" {
		t.Errorf("got %d rows, %q %q %q", len(doc.Results), doc.SchemaVersion, doc.RunID, doc.WorldID)
	}
	checkIndex(t, dir)
	if _, err := w.File("late"); !errors.Is(err, ErrClosed) {
		t.Errorf("writing after commit: %v", err)
	}
	if err := rows.Append(1); err == nil {
		t.Error("a row was appended after commit")
	}
	if _, err := Create(out, "run-1"); err == nil {
		t.Error("a finished run was opened again")
	}
}

// checkIndex holds the index against the files.
func checkIndex(t *testing.T, dir string) {
	t.Helper()
	var index Index
	text, err := os.ReadFile(filepath.Join(dir, ArtifactIndex))
	must(t, err)
	must(t, json.Unmarshal(text, &index))
	var paths []string
	for _, e := range index.Artifacts {
		paths = append(paths, e.Path)
		text, err := os.ReadFile(filepath.Join(dir, e.Path))
		must(t, err)
		if Digest(text) != "sha256:"+e.SHA256 || int64(len(text)) != e.Size {
			t.Errorf("%s: digest or size is off", e.Path)
		}
	}
	want := "logs/sysctl.log run_manifest.json run_status.json runtime_results.json witness_events.jsonl"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("index lists %s\nwant %s", got, want)
	}
}

func TestStamp(t *testing.T) {
	fields := []field{{"schema_version", "v1"}, {"run_id", "r"}}
	for in, want := range map[string]string{
		`{}`:      `{"schema_version":"v1","run_id":"r"}`,
		`{"a":1}`: `{"schema_version":"v1","run_id":"r","a":1}`,
		`{"schema_version":"","run_id":"r","a":1}`:                                  `{"schema_version":"v1","run_id":"r","a":1}`,
		`{"a":{"run_id":""},"run_id":"","b":",","schema_version":""}`:               `{"schema_version":"v1","run_id":"r","a":{"run_id":""},"b":","}`,
		`{"schema_version":"","run_id":""}`:                                         `{"schema_version":"v1","run_id":"r"}`,
		`{"schema_version":"v1","run_id":"r","z":[{"schema_version":"something"}]}`: `{"schema_version":"v1","run_id":"r","z":[{"schema_version":"something"}]}`,
	} {
		got, err := stamp([]byte(in), fields...)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v", in, got, err)
		}
	}
}

func TestLatestSwitches(t *testing.T) {
	out := t.TempDir()
	must(t, os.WriteFile(filepath.Join(out, PlanTOML), []byte("mine"), 0o644))
	for _, id := range []string{"a", "b"} {
		w, err := Create(out, id)
		must(t, err)
		f, err := w.File(PlanTOML)
		must(t, err)
		f.Write([]byte(id))
		_, err = w.Commit()
		must(t, err)
	}
	if got, _ := os.Readlink(filepath.Join(out, "LATEST")); got != "runs/b" {
		t.Errorf("LATEST is %s", got)
	}
	if text, _ := os.ReadFile(filepath.Join(out, PlanTOML)); string(text) != "mine" {
		t.Errorf("the user's own file became %q", text)
	}
	left, _ := filepath.Glob(filepath.Join(out, ".*"))
	if len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestAbortKeepsPartial(t *testing.T) {
	out := t.TempDir()
	w, err := Create(out, "r")
	must(t, err)
	must(t, w.Abort(Interrupted, "got SIGINT"))
	var st RunStatus
	text, err := os.ReadFile(filepath.Join(out, "runs", "r.partial", RunStatusJSON))
	must(t, err)
	must(t, json.Unmarshal(text, &st))
	if st.State != Interrupted || st.Reason != "got SIGINT" {
		t.Errorf("status is %+v", st)
	}
	if _, err := w.Commit(); !errors.Is(err, ErrClosed) {
		t.Errorf("commit after abort: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(out, "LATEST")); err == nil {
		t.Error("an aborted run became LATEST")
	}
}

func TestWriterRefuses(t *testing.T) {
	out := t.TempDir()
	for _, id := range []string{"", ".", "..", "a/b", "a.partial", ".hidden", "a b"} {
		if _, err := Create(out, id); err == nil {
			t.Errorf("run id %q was accepted", id)
		}
	}
	w, err := Create(out, "r")
	must(t, err)
	for _, name := range []string{"", ".", "../x", "/etc/x", "a/../b", "a//b", "a\nb", ArtifactIndex, RunStatusJSON} {
		if _, err := w.File(name); err == nil {
			t.Errorf("file name %q was accepted", name)
		}
	}
	bad := []any{1, nil, []int{1}, map[string]any{"schema_version": "other"}, map[string]any{"run_id": "s"},
		map[string]any{"n": uint64(1) << 53}, map[string]any{"f": 1e300}}
	for _, v := range bad {
		if err := w.Document(World, v); err == nil {
			t.Errorf("document %v was accepted", v)
		}
	}
	must(t, w.Document(World, map[string]any{"ok": true}))
	if err := w.Document(World, map[string]any{}); err == nil {
		t.Error("a document was written twice")
	}
	must(t, os.WriteFile(filepath.Join(w.Dir(), "stranger"), nil, 0o644))
	if _, err := w.Commit(); err == nil || !strings.Contains(err.Error(), "stranger") {
		t.Errorf("commit with a stranger's file: %v", err)
	}
}

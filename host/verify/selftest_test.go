package verify

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
)

const selfTestFixture = `{"schema_version":"hardened-runtime.selftest.v1","run_id":"r1","world_id":"linux-6.18","system":"linux",
"program":"dev","user":"ordinary","started_at":"2026-01-02T03:04:05Z","ended_at":"2026-01-02T03:04:06Z",
"counts":{"pass":1,"fail":1,"not_applicable":0,"incomplete":0},"results":[
{"fact":"clock.shared","claim":"c","source":"s","status":"assumed","breaks":"b","outcome":"pass","seen":"x","ended":"returned","output":"","duration_us":1},
{"fact":"memfd.seals","claim":"c","source":"s","status":"assumed","breaks":"b","outcome":"fail","seen":"x","ended":"hung","output":"","duration_us":1}]}`

// writeSelfTest writes the fixture, changed, as a self test is written.
func writeSelfTest(t *testing.T, change func(map[string]any)) string {
	t.Helper()
	var doc map[string]any
	must(t, json.Unmarshal([]byte(selfTestFixture), &doc))
	change(doc)
	w, err := bundle.Create(t.TempDir(), "r1")
	must(t, err)
	must(t, w.Document(bundle.World, map[string]any{"world_id": "linux-6.18", "os": "linux", "release": "6.18", "build": "", "machine": "amd64", "facts": []any{}}))
	must(t, w.Document(bundle.SelfTestJSON, doc))
	f, err := w.File(bundle.SelfTestText)
	must(t, err)
	_, err = io.WriteString(f, "text\n")
	must(t, err)
	dir, err := w.Commit()
	must(t, err)
	return dir
}

func TestVerifySelfTest(t *testing.T) {
	first := func(doc map[string]any) map[string]any { return doc["results"].([]any)[0].(map[string]any) }
	for _, c := range []struct {
		name   string
		change func(map[string]any)
		want   string // part of the finding, "" for none
	}{
		{"whole", func(map[string]any) {}, ""},
		{"a count", func(d map[string]any) { d["counts"].(map[string]any)["pass"] = 2 }, "counts say 2 pass, the results have 1"},
		{"an outcome", func(d map[string]any) { first(d)["outcome"] = "fine" }, "/results/0/outcome"},
		{"a fact twice", func(d map[string]any) { first(d)["fact"] = "memfd.seals" }, "memfd.seals has two results"},
		{"another world", func(d map[string]any) { d["world_id"] = "linux-5.4" }, "world_id"},
		{"nothing seen", func(d map[string]any) { first(d)["seen"] = "" }, "/results/0/seen"},
	} {
		r, err := Bundle(writeSelfTest(t, c.change))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		must(t, r.Text(&all))
		if r.Kind != bundle.KindSelfTest || r.Valid != (c.want == "") || r.Promotable || !strings.Contains(all.String(), c.want) {
			t.Errorf("%s: %+v\n%s", c.name, r, all.String())
		}
	}
}

// TestVerifySelfTestFiles: a self test without a document of its own is not
// valid, and neither is one with a changed one.
func TestVerifySelfTestFiles(t *testing.T) {
	dir := writeSelfTest(t, func(map[string]any) {})
	must(t, os.WriteFile(dir+"/"+bundle.SelfTestText, []byte("better\n"), 0o644))
	r, err := Bundle(dir)
	if err != nil || r.Valid || r.Findings[0].Check != "digest" {
		t.Errorf("%+v, %v", r, err)
	}
	w, err := bundle.Create(t.TempDir(), "r1")
	must(t, err)
	must(t, w.Document(bundle.SelfTestJSON, decode(t, selfTestFixture)))
	bare, err := w.Commit()
	must(t, err)
	r, err = Bundle(bare)
	if err != nil || r.Valid || len(r.Findings) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}

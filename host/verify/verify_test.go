package verify

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVerifyWhole(t *testing.T) {
	for name, f := range map[string]*fixture{"plain": newFixture(), "full": fullFixture()} {
		r, err := Bundle(f.write(t))
		must(t, err)
		var b strings.Builder
		must(t, r.Text(&b))
		if !r.Valid || !r.Promotable {
			t.Errorf("%s: want valid and promotable, got\n%s", name, b.String())
		}
		if text := b.String(); !strings.Contains(text, ": valid, ") || !strings.Contains(text, "\npromotable\n") {
			t.Errorf("the text says\n%s", text)
		}
	}
}

// TestVerifyFindsLatest verifies an output directory and leaves it as it was.
func TestVerifyFindsLatest(t *testing.T) {
	dir := newFixture().write(t)
	out := filepath.Dir(filepath.Dir(dir))
	before := snapshot(t, out)
	r, err := Bundle(out)
	must(t, err)
	if !r.Valid || filepath.Base(r.Dir) != fixtureRun || r.RunID != fixtureRun || !strings.HasPrefix(r.BundleDigest, "sha256:") {
		t.Errorf("got %+v", r)
	}
	if diff := cmp.Diff(before, snapshot(t, out)); diff != "" {
		t.Errorf("verify wrote something:\n%s", diff)
	}
	if _, err := Bundle(filepath.Join(out, "none")); err == nil {
		t.Error("a missing directory verifies")
	}
}

// snapshot is every path under dir with its size, mode and time.
func snapshot(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		st, err := d.Info()
		must(t, err)
		all = append(all, fmt.Sprint(path, st.Size(), st.Mode(), st.ModTime()))
		return nil
	}))
	return all
}

// TestPrintable: text of a bundle is escaped in both parts of the report.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", `a "b"`: `a "b"`, "\x1b[2J": `\x1b[2J`, "a\nb": `a\nb`, "\u202eabc": `\u202eabc`, "\xff": `\xff`,
	} {
		r := Report{
			Findings:   []Finding{{Check: "schema", Path: in, Message: in}},
			Conditions: []Condition{{Name: "clean", Why: in}},
		}
		var b strings.Builder
		must(t, r.Text(&b))
		if got := strings.Count(b.String(), want); got != 3 {
			t.Errorf("%q: %d times %s, want 3, in\n%s", in, got, want, b.String())
		}
	}
}

package pages

import (
	"os"
	"path/filepath"
	"testing"
)

// told is a test that is failed without failing this one.
type told struct {
	testing.TB
	failed bool
}

func (t *told) Helper()               {}
func (t *told) Errorf(string, ...any) { t.failed = true }
func (t *told) Fatalf(string, ...any) { t.failed = true; panic(t) }

func TestHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("ours\n<!-- a -->\nold\n<!-- end -->\nours too\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := Part{Path: path, Begin: "<!-- a -->\n", End: "<!-- end -->\n"}
	fails := func(p Part, is string, write bool) (failed bool) {
		as := &told{TB: t}
		defer func() {
			recover()
			failed = as.failed
		}()
		p.Holds(as, is, write, "go test -update")
		return as.failed
	}
	none := a
	none.Begin = "<!-- b -->\n"
	switch {
	case fails(a, "old\n", false):
		t.Error("what is right fails")
	case !fails(a, "new\n", false):
		t.Error("what is behind does not fail")
	case !fails(none, "new\n", true):
		t.Error("a part that is not there does not fail")
	case fails(a, "new\n", true):
		t.Error("writing fails")
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "ours\n<!-- a -->\nnew\n<!-- end -->\nours too\n" {
		t.Errorf("%q, %v", text, err)
	}
}

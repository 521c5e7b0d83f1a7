package plugins

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/plugins/internal/source"
	"github.com/hrhost/hrhost/plugins/internal/tables"
)

// TestFamilies: the two generated lists have every directory of plugins, and the
// families, operations and marks of their Specs.
func TestFamilies(t *testing.T) {
	names, err := source.Directories(".")
	if err != nil {
		t.Fatal(err)
	}
	fresh(t, source.Specs, func() ([]byte, error) { return source.SpecsOf(names) })
	fresh(t, source.List, tables.List)
	for _, f := range tables.All() {
		if f.Spec.Family != f.Directory {
			t.Errorf("plugins/%s: its Spec is of family %q, want the directory's name", f.Directory, f.Spec.Family)
		}
	}
}

func fresh(t *testing.T, path string, generate func() ([]byte, error)) {
	t.Helper()
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../" + path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is behind the directories and Specs of plugins; go generate ./plugins writes it:\n%s",
			path, cmp.Diff(string(got), string(want)))
	}
}

package lint

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oneForAll are the packages that are the same on every system: what differs is
// behind host/enforce/point or in host/launch.
var oneForAll = []string{"host/enforce/point", "host/probing", "host/evidence", "host/run"}

// TestOneForAll: no file of these packages is left out on any system, by its name or
// by a build tag.
func TestOneForAll(t *testing.T) {
	for _, pkg := range oneForAll {
		dir := filepath.Join("../..", pkg)
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		files := 0
		for _, e := range entries {
			if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			files++
			if system := leftOut(t, dir, e.Name()); system != "" {
				t.Errorf("%s/%s is not built on %s: move what differs behind host/enforce/point", pkg, e.Name(), system)
			}
		}
		if files == 0 {
			t.Errorf("systems_test.go: %s has no files", pkg)
		}
	}
}

// leftOut names a system for which a file is not built, "" for none.
func leftOut(t *testing.T, dir, name string) string {
	t.Helper()
	for _, system := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "freebsd/amd64"} {
		c := build.Default
		c.GOOS, c.GOARCH, _ = strings.Cut(system, "/")
		built, err := c.MatchFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		if !built {
			return system
		}
	}
	return ""
}

func TestLeftOut(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"all.go": "package a\n", "a_darwin.go": "package a\n", "tagged.go": "//go:build !darwin\n\npackage a\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"all.go": "", "a_darwin.go": "linux/amd64", "tagged.go": "darwin/amd64"} {
		if got := leftOut(t, dir, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

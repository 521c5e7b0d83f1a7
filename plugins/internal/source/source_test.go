package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDirectories(t *testing.T) {
	dir := t.TempDir()
	put := func(path string) {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("b/hrhost-probe-b/main.go")
	put("a/hrhost-probe-a/main.go")
	put("internal/tables/tables.go")
	put("doc.go")
	if got, err := Directories(dir); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("found %q, %v", got, err)
	}
	put("half/half.go")
	want := filepath.Join("half", "hrhost-probe-half", "main.go")
	if got, err := Directories(dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a family without a program: %q, %v", got, err)
	}
}

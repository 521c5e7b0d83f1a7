package installation

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInto: copies where programs were built, and an error where one is missing.
func TestInto(t *testing.T) {
	built := t.TempDir()
	t.Setenv(EnvBuilt, built)
	if got := Built("hrhost"); got != filepath.Join(built, "hrhost") {
		t.Errorf("it is %q", got)
	}
	for _, name := range names {
		if err := Into(t.TempDir()); err == nil {
			t.Fatalf("%s is missing and nothing is said", name)
		}
		if err := os.WriteFile(filepath.Join(built, filepath.Base(name)), []byte(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(EnvBuilt, "")
	if got := Built("hrhost"); got != "" {
		t.Errorf("without a build it is %q", got)
	}
	t.Setenv(EnvBuilt, built)
	dir := t.TempDir()
	if err := Into(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		info, _ := os.Stat(filepath.Join(dir, filepath.Base(name)))
		if err != nil || string(got) != name || info.Mode().Perm()&0o100 == 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

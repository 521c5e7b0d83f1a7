package clean

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDeliverCopies: what may not be renamed is copied, and stays until its root
// is removed. What can't be copied either is told, and stays too.
func TestDeliverCopies(t *testing.T) {
	dir := t.TempDir()
	asNobody(t, dir) // root may rename everything
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "out")
	original := filepath.Join(from, "runs", "r1", "logs", "x")
	put(t, original, "x")
	os.Chmod(filepath.Dir(filepath.Dir(filepath.Dir(original))), 0o500)
	defer os.Chmod(filepath.Join(from, "runs"), 0o700)
	if err := deliver(from, to); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{original, filepath.Join(to, "runs", "r1", "logs", "x")} {
		if b, err := os.ReadFile(path); string(b) != "x" {
			t.Errorf("%q, %v", b, err)
		}
	}
	os.RemoveAll(filepath.Join(to, "runs", "r1"))
	os.Chmod(filepath.Join(to, "runs"), 0o500)
	defer os.Chmod(filepath.Join(to, "runs"), 0o700)
	if err := deliver(from, to); err == nil {
		t.Error("nothing could be written, and nothing was said")
	}
	if b, err := os.ReadFile(original); string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
}

package clean

import (
	"os"
	"path/filepath"
	"testing"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDeliver: beside what is there already, and over nothing of the user's.
func TestDeliver(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "a", "out")
	put(t, filepath.Join(from, "runs/new/x"), "new")
	put(t, filepath.Join(from, "note"), "note")
	put(t, filepath.Join(to, "runs/old/x"), "old")
	put(t, filepath.Join(to, "summary.md"), "the user's own")
	for dir, target := range map[string]string{from: "runs/new", to: "runs/old"} {
		if err := os.Symlink(target, filepath.Join(dir, "LATEST")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("LATEST/summary.md", filepath.Join(from, "summary.md")); err != nil {
		t.Fatal(err)
	}
	if err := deliver(from, to); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"runs/new/x": "new", "runs/old/x": "old", "LATEST/x": "new", "summary.md": "the user's own", "note": "note"} {
		if b, err := os.ReadFile(filepath.Join(to, path)); string(b) != want {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
	put(t, filepath.Join(from, "runs/old/x"), "another")
	os.Symlink("runs/old", filepath.Join(from, "LATEST"))
	if err := deliver(from, to); err == nil {
		t.Error("a run was replaced")
	}
	if b, _ := os.ReadFile(filepath.Join(to, "runs/old/x")); string(b) != "old" {
		t.Errorf("%q", b)
	}
	if got, _ := os.Readlink(filepath.Join(to, "LATEST")); got != "runs/new" {
		t.Errorf("LATEST points at %s", got)
	}
	if err := deliver(filepath.Join(from, "missing"), to); err != nil {
		t.Error(err)
	}
}

func TestStageNames(t *testing.T) {
	job := &Stage{Dir: "/tmp/hrhost.1/w", above: "/tmp/hrhost.1", out: "/home/x/out", staged: map[string]string{"/p": "/tmp/hrhost.1/in/0", "/p/a": "/tmp/hrhost.1/in/0/a"}}
	child := &Stage{Dir: "/tmp/hrhost.1", out: "/home/x/out"}
	for got, want := range map[string]string{
		job.Staged("/p"): "/tmp/hrhost.1/in/0", job.Staged("/p/a"): "/tmp/hrhost.1/in/0/a", job.Staged("/p/b"): "/p/b", job.Staged(""): "",
		job.Results(): "/tmp/hrhost.1/out", job.Final("/tmp/hrhost.1/out/runs/1"): "/home/x/out/runs/1", job.Final("/elsewhere"): "/elsewhere",
		child.Staged("/p/a"): "/p/a", child.Results(): "/home/x/out", child.Final("/home/x/out/runs/1"): "/home/x/out/runs/1",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

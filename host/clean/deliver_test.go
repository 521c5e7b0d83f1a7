package clean

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
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

// TestCopiesNoLinks: what a link in a run's directory points at may be what its
// plugins may not read, and its asker may.
func TestCopiesNoLinks(t *testing.T) {
	from, to, secret := t.TempDir(), filepath.Join(t.TempDir(), "to"), filepath.Join(t.TempDir(), "secret")
	put(t, secret, "secret")
	if err := os.Symlink(secret, filepath.Join(from, "x.log")); err != nil {
		t.Fatal(err)
	}
	if err := copyTree(from, to); err == nil || !strings.Contains(err.Error(), "x.log: it is not a regular file") {
		t.Errorf("%v", err)
	}
	if b, err := os.ReadFile(filepath.Join(to, "x.log")); err == nil {
		t.Errorf("%q was copied", b)
	}
}

// TestCopyOfFIFO: nobody is waited for who may never come.
func TestCopyOfFIFO(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "plan.toml")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- copyFile(fifo, fifo+".copy") }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%v", err)
		}
	case <-time.After(patience):
		t.Error("it waits for a writer")
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

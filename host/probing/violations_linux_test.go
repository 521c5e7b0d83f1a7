package probing

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOverfull: bytes count as they are on disk, names count, and what was
// unlinked while it is open counts too.
func TestOverfull(t *testing.T) {
	allocate := func(t *testing.T, path string, size int) *os.File {
		t.Helper()
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if size > 0 {
			if err := unix.Fallocate(int(f.Fd()), 0, 0, int64(size)); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	for _, c := range []struct {
		name, says string
		fill       func(t *testing.T, dir string)
	}{
		{"little", "", func(t *testing.T, dir string) { allocate(t, dir+"/a", 1<<20) }},
		{"sparse", "", func(t *testing.T, dir string) {
			if err := allocate(t, dir+"/a", 0).Truncate(10 * MaxScratch); err != nil {
				t.Fatal(err)
			}
		}},
		{"names", "files", func(t *testing.T, dir string) {
			for i := range MaxScratchFiles {
				if err := os.Symlink("x", filepath.Join(dir, fmt.Sprint(i))); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{"bytes", "MiB", func(t *testing.T, dir string) { allocate(t, dir+"/a", MaxScratch+1<<20) }},
		{"unlinked", "MiB", func(t *testing.T, dir string) {
			allocate(t, dir+"/a", MaxScratch+1<<20)
			if err := os.Remove(dir + "/a"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.fill(t, dir)
			what := overfull(dir, os.Getpid())
			if (what == "") != (c.says == "") || !strings.Contains(what, c.says) {
				t.Errorf("%q", what)
			}
		})
	}
}

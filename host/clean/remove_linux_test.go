package clean

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// asNobody has this test's thread lose what root may do with files of others.
func asNobody(t *testing.T, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	for _, d := range []string{filepath.Dir(dir), dir} { // both are this test's own
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	if err := unix.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Setfsuid(0)
		runtime.UnlockOSThread()
	})
}

// TestRemoveWhatMayNotBeEntered: a plugin left directories that not even their
// owner may read, and a link to one that is nobody's business.
func TestRemoveWhatMayNotBeEntered(t *testing.T) {
	parent := t.TempDir()
	asNobody(t, parent)
	root, other := filepath.Join(parent, "hrhost.1"), filepath.Join(parent, "other")
	deep := filepath.Join(root, "a", "b", "c")
	for _, d := range []string{deep, other} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(other, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{deep, filepath.Dir(deep), filepath.Join(root, "a"), other} {
		if err := os.Chmod(d, 0); err != nil {
			t.Fatal(err)
		}
	}
	if os.RemoveAll(root) == nil {
		t.Fatal("everybody may remove it: the test shows nothing")
	}
	if err := removeAll(root); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

package clean

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func mkdir(t *testing.T, parent, name string, old bool) string {
	t.Helper()
	dir := filepath.Join(parent, name)
	if err := os.MkdirAll(filepath.Join(dir, "hr.1", "s"), 0o700); err != nil {
		t.Fatal(err)
	}
	if old {
		then := time.Now().Add(-time.Hour)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSweepTakesOnlyWhatIsLeft(t *testing.T) {
	parent := t.TempDir()
	left := mkdir(t, parent, "hrhost.left", true)
	kept := []string{
		mkdir(t, parent, "hrhost.new", false), // made, perhaps not yet locked
		mkdir(t, parent, "other.1", true),
		mkdir(t, parent, "hrhost.held", true),
	}
	lock, err := lockDir(kept[2])
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	target := mkdir(t, parent, "elsewhere", true)
	link := filepath.Join(parent, "hrhost.link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	var forgotten []string
	sweep(parent, func(dir string) { forgotten = append(forgotten, dir) })
	if len(forgotten) != 1 || forgotten[0] != left {
		t.Errorf("forgotten: %q", forgotten)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", left, err)
	}
	for _, dir := range append(kept, target, link) {
		if _, err := os.Lstat(dir); err != nil {
			t.Errorf("swept: %v", err)
		}
	}
}

func TestStageIsHeldUntilClosed(t *testing.T) {
	s, err := NewStage()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockDir(s.Dir); err != errInUse {
		t.Errorf("a stage in use can be locked: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there", s.Dir)
	}
}

func TestOthersDirectoriesAreLeftAlone(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a directory of somebody else's")
	}
	dir := mkdir(t, t.TempDir(), "hrhost.theirs", true)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	sweep(filepath.Dir(dir), func(string) {})
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

// TestDyingAsker: a job whose asker was killed removes the root, though the kernel
// gives up the root's lock a while after the request's. One whose asker lives
// leaves it to its asker.
func TestDyingAsker(t *testing.T) {
	for _, orphaned := range []bool{true, false} {
		root := mkdir(t, t.TempDir(), "hrhost.job", false)
		lock, err := lockDir(root)
		if err != nil {
			t.Fatal(err)
		}
		if orphaned {
			time.AfterFunc(time.Second/2, func() { lock.Close() })
		}
		s := &Stage{Dir: filepath.Join(root, dirWork), above: root, orphaned: orphaned}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(root); os.IsNotExist(err) != orphaned {
			t.Errorf("orphaned %t: %v", orphaned, err)
		}
		lock.Close()
	}
}

// TestDyingAskersResults: what an orphaned job can't move to their place is kept,
// as its asker would have.
func TestDyingAskersResults(t *testing.T) {
	root := mkdir(t, t.TempDir(), "hrhost.job", false)
	out := filepath.Join(t.TempDir(), "out")
	put(t, out, "a file where the directory should be")
	put(t, filepath.Join(root, dirResults, "runs", "r1.partial", "x.log"), "x")
	s := &Stage{Dir: filepath.Join(root, dirWork), above: root, out: out, orphaned: true}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	kept := filepath.Join(filepath.Dir(root), "kept-hrhost.job", dirResults, "runs", "r1.partial", "x.log")
	if b, err := os.ReadFile(kept); string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := os.Stat(root); !os.IsNotExist(err) {
		t.Errorf("the root: %v", err)
	}
}

// inTheWay keeps a root from being renamed.
func inTheWay(t *testing.T, root string) {
	t.Helper()
	put(t, filepath.Join(filepath.Dir(root), "kept-"+filepath.Base(root), "x"), "an earlier root's")
}

// TestKeptInPlace: results that can neither be moved nor renamed stay where they
// are, and no later run removes them.
func TestKeptInPlace(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	put(t, out, "a file where the directory should be")
	for _, orphaned := range []bool{true, false} {
		root := mkdir(t, t.TempDir(), "hrhost.job", false)
		inTheWay(t, root)
		result := filepath.Join(root, dirResults, "runs", "r1", "x.log")
		put(t, result, "x")
		put(t, filepath.Join(root, fileRequest), `{"out": "`+out+`"}`)
		s := &Stage{Dir: root}
		if orphaned {
			s = &Stage{Dir: filepath.Join(root, dirWork), above: root, out: out, orphaned: true}
		} else if got := s.keep(); got != filepath.Join(root, dirResults) {
			t.Errorf("kept in %s", got)
		}
		for range 2 { // as each process of the run may
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		then := time.Now().Add(-time.Hour)
		if err := os.Chtimes(root, then, then); err != nil {
			t.Fatal(err)
		}
		sweep(filepath.Dir(root), func(string) {})
		if b, err := os.ReadFile(result); string(b) != "x" {
			t.Errorf("orphaned %t: %q, %v", orphaned, b, err)
		}
		if b, _ := os.ReadFile(filepath.Join(root, fileKept)); !strings.Contains(string(b), out) {
			t.Errorf("the mark is %q", b)
		}
	}
}

// TestSweptResults: a job's results that nobody was left to move are moved by the
// run that sweeps its root, and kept when they have no place; but not those that
// were to be thrown away.
func TestSweptResults(t *testing.T) {
	parent, place := t.TempDir(), t.TempDir()
	put(t, filepath.Join(place, "file"), "")
	left := func(name, out string) string {
		root := filepath.Join(parent, name)
		put(t, filepath.Join(root, dirResults, "runs", "r1", "x.log"), name)
		put(t, filepath.Join(root, fileRequest), `{"out": "`+out+`", "payload": {}}`)
		return mkdir(t, parent, name, true)
	}
	moved, unplaced := left("hrhost.1", filepath.Join(place, "out")), left("hrhost.2", filepath.Join(place, "file"))
	thrown := left("hrhost.3", "")
	sweep(parent, func(string) {})
	for path, want := range map[string]string{
		filepath.Join(place, "out"):                      "hrhost.1",
		filepath.Join(parent, "kept-hrhost.2", "out"):    "hrhost.2",
		filepath.Join(parent, "kept-hrhost.3", "out"):    "",
		filepath.Join(parent, "kept-hrhost.1", "unused"): "",
	} {
		if b, _ := os.ReadFile(filepath.Join(path, "runs", "r1", "x.log")); string(b) != want {
			t.Errorf("%s has %q, want %q", path, b, want)
		}
	}
	for _, root := range []string{moved, unplaced, thrown} {
		if _, err := os.Stat(root); !os.IsNotExist(err) {
			t.Errorf("%s: %v", root, err)
		}
	}
}

func TestFirstUsable(t *testing.T) {
	dir := t.TempDir()
	real, link, file := mkdir(t, dir, "real", false), filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o777); err != nil {
		t.Fatal(err)
	}
	last := filepath.Join(dir, "last")
	for _, c := range []struct {
		dirs []string
		want string
	}{
		{[]string{real, last}, real},
		{[]string{filepath.Join(dir, "none"), link, file, real, last}, real},
		{[]string{link, last}, last},
		{[]string{last}, last},
	} {
		if got := firstUsable(c.dirs); got != c.want {
			t.Errorf("of %q it is %s, want %s", c.dirs, got, c.want)
		}
	}
}

func TestRoots(t *testing.T) {
	s, err := NewStage()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !slices.Contains(Roots(), s.Dir) {
		t.Errorf("%s is not among %q", s.Dir, Roots())
	}
}

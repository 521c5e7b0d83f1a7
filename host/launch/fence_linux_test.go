package launch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// reading is what the plugin says of each path: listed, read, or the errno.
func reading(paths []string) {
	for _, path := range paths {
		fmt.Println(path, readOrList(path))
	}
}

func readOrList(path string) string {
	word := "read"
	info, err := os.Stat(path)
	switch {
	case err != nil:
	case info.IsDir():
		word = "listed"
		_, err = os.ReadDir(path)
	default:
		_, err = os.ReadFile(path)
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	return word
}

// running says whether each program can be executed.
func running(paths []string) {
	for _, path := range paths {
		c := exec.Command(path)
		c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr // nothing below /dev is opened
		err := c.Run()
		fmt.Println(path, errors.Is(err, os.ErrPermission), err == nil)
	}
}

// around says what calls about a directory answer that open nothing.
func around(dir string) {
	_, err := os.Stat(dir)
	fmt.Println("stat", err)
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err == nil {
		_, err = unix.InotifyAddWatch(fd, dir, unix.IN_CREATE)
	}
	fmt.Println("watch", err)
	fmt.Println("chmod", os.Chmod(dir, 0o750))
}

// fencedBy is the shared launcher with a fence, for one test.
func fencedBy(t *testing.T, dirs ...string) *Launcher {
	t.Helper()
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	needLandlock(t)
	l.Fence(dirs...)
	if got := l.Containment().Reads; got != Fenced {
		t.Fatalf("reads are %s", got)
	}
	t.Cleanup(func() {
		l.fence.close()
		l.fence, l.containment.Reads = must(newFence())(t), "not contained"
	})
	return l
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// scene is a run's surroundings: two private directories below one root, a bundle
// that is being written, and what is beside them.
type scene struct {
	base string
	own  *Dir
}

func newScene(t *testing.T) *scene {
	t.Helper()
	base := must(os.MkdirTemp("/tmp", "hrfence."))(t)
	t.Cleanup(func() { os.RemoveAll(base) })
	s := &scene{base: must(filepath.EvalSymlinks(base))(t)}
	for _, dir := range []string{"temp/hr.other/scratch", "temp/hr.other/s", "out/runs/1.partial", "out/runs/0", "beside"} {
		must(0, os.MkdirAll(s.path(dir), 0o700))(t)
	}
	for _, file := range []string{"temp/hr.other/scratch/secret", "temp/request", "out/runs/1.partial/run_manifest.json", "out/runs/0/summary.json", "out/note", "beside/file", "file"} {
		must(0, os.WriteFile(s.path(file), []byte("x"), 0o600))(t)
	}
	must(0, os.Symlink("runs/0", s.path("out/LATEST")))(t)
	must(0, os.Symlink("/", s.path("up")))(t)
	must(0, os.Symlink(s.path("temp"), s.path("way-in")))(t)
	true_ := must(os.ReadFile(must(exec.LookPath("true"))(t)))(t)
	for _, file := range []string{"temp/hr.other/scratch/true", "beside/true"} {
		must(0, os.WriteFile(s.path(file), true_, 0o700))(t)
	}
	s.own = must(NewDir(s.path("temp")))(t)
	return s
}

func (s *scene) path(name string) string { return filepath.Join(s.base, name) }

// do has a contained process look at names below the scene, and says what it
// said.
func (s *scene) do(t *testing.T, l *Launcher, sealed bool, verb string, names ...string) []string {
	t.Helper()
	bin := must(Open("/proc/self/exe"))(t)
	defer bin.Close()
	args := []string{"plugin", verb}
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = s.base + "/" + name
		}
		args = append(args, name)
	}
	p := must(l.Start(Spec{Name: "test", Binary: bin, Args: args, Dir: s.own, Sealed: sealed}))(t)
	defer p.WaitFor(10 * time.Second)
	return strings.Split(strings.ReplaceAll(output(t, p), s.base+"/", ""), "\n")
}

// TestOthersAreNotRead: a process reads, lists and executes nothing of another's
// directory nor of the bundles, under any name, and everything beside them.
func TestOthersAreNotRead(t *testing.T) {
	s := newScene(t)
	l := fencedBy(t, s.path("temp"), s.path("out/runs"))
	must(0, os.WriteFile(s.path("later"), nil, 0o600))(t)
	must(0, os.WriteFile(s.path("beside/later"), nil, 0o600))(t)
	must(0, os.MkdirAll(s.path("temp/hr.later/scratch"), 0o700))(t)
	must(0, os.WriteFile(s.own.Scratch+"/mine", nil, 0o600))(t)
	own := strings.TrimPrefix(s.own.Scratch, s.base+"/")
	want := map[string]string{
		"temp/hr.other/scratch/secret": "EACCES", "temp/hr.other/scratch": "EACCES", "temp/hr.other/s": "EACCES", "temp/hr.other": "EACCES",
		"temp": "EACCES", "temp/request": "EACCES", "temp/hr.later/scratch": "EACCES",
		"out/runs/1.partial/run_manifest.json": "EACCES", "out/runs/1.partial": "EACCES", "out/runs/0/summary.json": "EACCES", "out/runs": "EACCES",
		"out/LATEST/summary.json": "EACCES", "way-in/request": "EACCES", "up" + s.path("temp/request"): "EACCES",
		"beside/../temp/request": "EACCES", "/proc/self/root" + s.path("temp/request"): "EACCES",
		"beside/file": "read", "beside": "listed", "file": "read", "out/note": "read", "beside/later": "read", "up/etc/passwd": "read",
		own: "listed", own + "/mine": "read", "/etc": "listed", "/etc/passwd": "read", "/usr/bin": "listed",
		// What the fence costs.
		"": "EACCES", "out": "EACCES", "later": "EACCES", "/": "EACCES", "up": "EACCES",
	}
	var names, lines []string
	for name, word := range want {
		names, lines = append(names, name), append(lines, strings.TrimPrefix(s.base+"/"+name, s.base+"/")+" "+word)
		if filepath.IsAbs(name) {
			lines[len(lines)-1] = strings.ReplaceAll(name, s.base+"/", "") + " " + word
		}
		lines[len(lines)-1] = strings.ReplaceAll(lines[len(lines)-1], s.base+"/", "")
	}
	for _, sealed := range []bool{false, true} {
		if diff := cmp.Diff(lines, s.do(t, l, sealed, "read", names...)); diff != "" {
			t.Errorf("sealed %t (-want +got):\n%s", sealed, diff)
		}
		ran := []string{"temp/hr.other/scratch/true true false", "beside/true false true"}
		if diff := cmp.Diff(ran, s.do(t, l, sealed, "run", "temp/hr.other/scratch/true", "beside/true")); diff != "" {
			t.Errorf("sealed %t (-want +got):\n%s", sealed, diff)
		}
	}
	// A baseline reads what the monitor would open for a sealed process.
	open := []string{"/proc/1/comm read", "/sys/kernel/mm listed", "/dev/null read", "/proc listed"}
	if diff := cmp.Diff(open, s.do(t, l, false, "read", "/proc/1/comm", "/sys/kernel/mm", "/dev/null", "/proc")); diff != "" {
		t.Errorf("baseline (-want +got):\n%s", diff)
	}
}

// TestBesidesReading holds docs/hostile.md to what Landlock has no word for. A line
// that is refused some day is good news.
func TestBesidesReading(t *testing.T) {
	s := newScene(t)
	l := fencedBy(t, s.path("temp"))
	for _, sealed := range []bool{false, true} {
		got := s.do(t, l, sealed, "around", "temp/hr.other/scratch")
		if diff := cmp.Diff([]string{"stat <nil>", "watch <nil>", "chmod <nil>"}, got); diff != "" {
			t.Errorf("sealed %t (-want +got):\n%s", sealed, diff)
		}
	}
}

// TestManyNeighbours: more are granted than are held open.
func TestManyNeighbours(t *testing.T) {
	s := newScene(t)
	for i := range maxHeld + 50 {
		must(0, os.WriteFile(s.path(fmt.Sprint("n", i)), nil, 0o600))(t)
	}
	must(shared())(t) // which holds some of its own
	var limit unix.Rlimit
	must(0, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))(t)
	few := limit
	few.Cur = 256
	must(0, unix.Setrlimit(unix.RLIMIT_NOFILE, &few))(t)
	before := openFiles(t)
	l := fencedBy(t, s.path("temp"))
	held := openFiles(t) - before
	must(0, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))(t)
	if held > 64 {
		t.Errorf("%d descriptors are held", held)
	}
	want := []string{"n0 read", fmt.Sprintf("n%d read", maxHeld+49), "beside/file read", "temp/request EACCES"}
	if diff := cmp.Diff(want, s.do(t, l, true, "read", "n0", fmt.Sprint("n", maxHeld+49), "beside/file", "temp/request")); diff != "" {
		t.Error(diff)
	}
}

// TestReplacedNeighbour: what took the name of a neighbour that is not held open is
// as new as what is made beside it, and is not read.
func TestReplacedNeighbour(t *testing.T) {
	s := newScene(t)
	for i := range maxHeld + 50 { // the last of them are not held
		must(0, os.WriteFile(s.path(fmt.Sprint("n", i)), nil, 0o600))(t)
	}
	must(0, os.WriteFile(s.path("zz"), nil, 0o600))(t)
	l := fencedBy(t, s.path("temp"))
	must(0, os.WriteFile(s.path("temp/new"), nil, 0o600))(t)
	must(0, os.Rename(s.path("temp/new"), s.path("zz")))(t)
	if got := s.do(t, l, false, "read", "zz"); got[0] != "zz EACCES" {
		t.Errorf("got %q", got)
	}
}

// TestUnlistableWay: beside a directory that this user may not list nothing is
// granted, and what is below it is.
func TestUnlistableWay(t *testing.T) {
	s := newScene(t)
	must(0, os.MkdirAll(s.path("dark/in/temp"), 0o700))(t)
	must(0, os.WriteFile(s.path("dark/in/file"), nil, 0o600))(t)
	f := &fence{names: []string{s.path("dark/in/temp"), s.path("dark/other")}}
	defer f.close()
	if err := f.beyond(s.path("dark")); err != nil {
		t.Fatal(err)
	}
	if len(f.granted) != 1 || f.granted[0].path != s.path("dark/in/file") {
		t.Errorf("granted %+v", f.granted)
	}
}

// TestNoFence: what cannot be fenced is said, and stays readable.
func TestNoFence(t *testing.T) {
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	needLandlock(t)
	defer func() { l.containment.Reads = "not contained" }()
	for dir, want := range map[string]string{"/": "nothing would be left to read", "/no/such/place": "no such file or directory"} {
		l.Fence(dir)
		if got := l.Containment().Reads; !strings.HasPrefix(got, "not contained: fencing "+dir) || !strings.Contains(got, want) {
			t.Errorf("fencing %s: %q", dir, got)
		}
	}
	s := newScene(t)
	if got := s.do(t, l, false, "read", "temp/request", ""); got[0] != "temp/request read" {
		t.Errorf("without a fence: %q", got)
	}
}

// TestComesAndGoes: a directory that is not there yet is fenced all the same.
func TestComesAndGoes(t *testing.T) {
	s := newScene(t)
	l := fencedBy(t, s.path("temp"), s.path("another"))
	must(0, os.MkdirAll(s.path("another"), 0o700))(t)
	must(0, os.WriteFile(s.path("another/file"), nil, 0o600))(t)
	if got := s.do(t, l, false, "read", "another/file"); got[0] != "another/file EACCES" {
		t.Errorf("got %q", got)
	}
}

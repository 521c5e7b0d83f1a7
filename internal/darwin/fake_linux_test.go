package darwin

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/internal/needs"
)

// built is the C library of testdata, made once for all tests.
var built = struct {
	sync.Once
	dir  string
	path string
	err  error
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// fake has the package's libraries played by the C library of testdata.
func fake(t testing.TB) {
	t.Helper()
	built.Do(func() {
		// Under qemu there is no compiler, and the library is built already.
		if built.path = os.Getenv(envLibrary); built.path == "" {
			built.dir, built.path, built.err = compile("gcc")
		}
		for _, l := range libraries {
			l.path = built.path
		}
	})
	if built.err != nil {
		needs.Missing(t, needs.GCC, built.err.Error())
	}
}

func compile(cc string) (dir, path string, err error) {
	if _, err := exec.LookPath(cc); err != nil {
		return "", "", fmt.Errorf("no C compiler: %w", err)
	}
	if dir, err = os.MkdirTemp("", "hrhost-darwin-"); err != nil {
		return "", "", err
	}
	path = filepath.Join(dir, "libdarwin.so")
	out, err := exec.Command(cc, "-shared", "-fPIC", "-O2", "-o", path, "testdata/darwin.c").CombinedOutput()
	if err != nil {
		return dir, "", fmt.Errorf("%s: %w\n%s", cc, err, out)
	}
	return dir, path, nil
}

// extra is a symbol of the test library that the package itself does not bind.
func extra(name string) *symbol { return &symbol{lib: system, name: name} }

// tell calls a function of the test library that has no arguments, or ints.
func tell(t testing.TB, name string, args ...uintptr) uintptr {
	t.Helper()
	f := new(frame)
	defer f.Unpin()
	r, _, err := f.call(extra(name), args...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// onThread keeps a test on one thread, which the library's counters go by.
func onThread(t testing.TB) {
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
}

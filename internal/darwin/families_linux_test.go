package darwin

import (
	"encoding/json"
	"go/build/constraint"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestFamilies drives the families' probes for macOS, as they are built there,
// against the C library: each code that a call may answer, up to the class that
// the family's own table gives it. signal makes the same system call on either
// system, which its own tests drive.
func TestFamilies(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs without the race detector")
	}
	if runtime.GOARCH == "arm64" {
		t.Skip("runs where there is a go command, not under qemu")
	}
	fake(t)
	args := []string{"test", "-count=1", "-v", "-overlay", overlay(t, families...)}
	for _, family := range families {
		args = append(args, "../../plugins/"+family)
	}
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), envLibrary+"="+built.path, "CGO_ENABLED=0", "GOFLAGS=")
	out, err := c.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: TestProbes") != len(families) {
		t.Fatalf("the families: %v\n%s", err, out)
	}
}

var families = []string{"mach", "notify", "notifyplain", "sysctl", "procinfo"}

// overlay makes Linux build what macOS builds: the files for Linux are gone, and
// those for macOS have names and constraints that let them in. It returns the
// file for go test -overlay.
func overlay(t *testing.T, families ...string) string {
	t.Helper()
	replace := map[string]string{}
	for _, family := range families {
		dir, err := filepath.Abs("../../plugins/" + family)
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) < 4 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, path := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".go")
			base, system := strings.CutSuffix(name, "_darwin")
			switch {
			case strings.HasSuffix(name, "_linux"), strings.HasSuffix(name, "_test"):
				replace[path] = ""
			case system:
				replace[filepath.Join(dir, base+"_mac.go")] = path
			case strings.HasSuffix(name, "_other"):
				replace[path] = unconstrained(t, path)
			}
		}
		replace[filepath.Join(dir, "families_test.go")] = unconstrained(t, filepath.Join("testdata/families", family+".go"))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "overlay.json", string(text))
}

// unconstrained is a copy of a file without its build constraint; of one that is
// not for macOS it is the file itself, which is not for Linux either.
func unconstrained(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(string(text), "\n")
	expr, err := constraint.Parse(line)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if !expr.Eval(func(tag string) bool { return tag == "darwin" || tag == "ignore" }) {
		return path
	}
	return write(t, filepath.Base(path), rest)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

package release

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/release/archive"
)

var update = flag.Bool("update", false, "write what is made into the golden files")

// root is the module's directory.
const root = ".."

// TestPrograms: the archives have what `make build` makes, and nothing else.
func TestPrograms(t *testing.T) {
	cmd := exec.Command("make", "-s", "-n", "build")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("make -n build: %v", err)
	}
	made := regexp.MustCompile(`(?m)\./(host|plugins)/[^\s=]+( |$)`).FindAllString(string(out), -1)
	ours := append([]string{host, trampoline}, others...)
	if len(made) != len(ours) {
		t.Errorf("make build makes %d programs, an archive has %d", len(made), len(ours))
	}
	if !strings.Contains(string(out), trampoline+"=-s -w "+entry+"'") {
		t.Errorf("make build does not link the trampoline with %s", entry)
	}
	for _, p := range ours {
		if !strings.Contains(string(out), p) {
			t.Errorf("make build does not make %s", p)
		}
	}
}

// TestFormula: the digests of the archives stand where they belong.
func TestFormula(t *testing.T) {
	var archives []archive.File
	for i, target := range Targets {
		archives = append(archives, archive.File{Name: Options{Version: "1.2.3"}.name(target) + ".tar.gz", Data: []byte{byte(i)}})
	}
	got, err := formula("1.2.3", archives)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "hrhost.rb")
	if *update {
		os.WriteFile(golden, got, 0o644)
	}
	if want, _ := os.ReadFile(golden); !bytes.Equal(got, want) {
		t.Errorf("the formula is not testdata/hrhost.rb; -update writes it:\n%s", got)
	}
	if _, err := formula("1.2.3", archives[1:]); err == nil {
		t.Error("a formula without an archive: no error")
	}
}

// TestVersion: a version is a file name and a word of a command.
func TestVersion(t *testing.T) {
	for _, v := range []string{"", "-v", "1 2", "../x", "1'"} {
		if err := Make(Options{Root: root, Out: t.TempDir(), Version: v}); err == nil || !strings.Contains(err.Error(), "version") {
			t.Errorf("version %q: %v", v, err)
		}
	}
}

// TestCheck: a Mac's program is looked at, and a Linux program is none.
func TestCheck(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("no /proc: " + err.Error())
	}
	if err := check(Target{"linux", "amd64"}, self); err != nil {
		t.Error(err)
	}
	for _, arch := range []string{"arm64", "amd64"} {
		if err := check(Target{"darwin", arch}, self); err == nil {
			t.Errorf("a Linux program passes as one for darwin/%s", arch)
		}
	}
}

// TestDarwin: what is built for Macs is signed, has a UUID, and is refused
// without either.
func TestDarwin(t *testing.T) {
	o := Options{Root: root, Version: "0.0.0-test"}
	for _, target := range Targets[:2] {
		dir := t.TempDir()
		if err := o.compile(target, dir, "-s -w", others[0]); err != nil {
			t.Fatal(err)
		}
		program, err := os.ReadFile(filepath.Join(dir, path.Base(others[0])))
		if err != nil {
			t.Fatal(err)
		}
		if err := check(target, program); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if err := o.compile(target, dir, "-s -w -buildid=", others[0]); err != nil {
			t.Fatal(err)
		}
		bare, _ := os.ReadFile(filepath.Join(dir, path.Base(others[0])))
		if err := check(target, bare); err == nil || !strings.Contains(err.Error(), "LC_UUID") {
			t.Errorf("%s without a build id: %v", target, err)
		}
		if target.Arch == "arm64" {
			program[5000] ^= 1
			if err := check(target, program); err == nil || !strings.Contains(err.Error(), "not what was signed") {
				t.Errorf("changed after signing: %v", err)
			}
		}
	}
}

// TestCollect: a pattern that names nothing is an error: something was moved.
func TestCollect(t *testing.T) {
	if _, err := collect(os.DirFS(root), []string{"no/such/*"}); err == nil {
		t.Error("no error")
	}
	files, err := collect(os.DirFS(root), texts)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, f := range files {
		have[f.Name] = true
	}
	readme, err := os.Open(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer readme.Close()
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for s := bufio.NewScanner(readme); s.Scan(); {
		for _, m := range link.FindAllStringSubmatch(s.Text(), -1) {
			if !have[m[1]] {
				t.Errorf("README.md links to %s, which no archive has", m[1])
			}
		}
	}
}

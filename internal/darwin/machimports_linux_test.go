package darwin

import (
	"debug/macho"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// TestImports builds the programs for macOS and reads what they import: each name has a
// fact, or is an own import of Go's. It prints the counts.
func TestImports(t *testing.T) {
	if testing.Short() {
		t.Skip("builds every program for macOS, twice")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not here to build programs")
	}
	facts, own := map[string]bool{}, seatbelt.OwnImports()
	for _, c := range seatbelt.Imported() {
		facts[c.Name] = true
	}
	used := map[string]bool{}
	table := fmt.Sprintf("%-8s %-26s %8s %8s %8s\n", "", "program", "imported", "fact", "Go's own")
	for _, arch := range []string{"arm64", "amd64"} {
		dir := buildMac(t, arch)
		programs, err := os.ReadDir(dir)
		if err != nil || len(programs) != len(macPrograms()) {
			t.Fatalf("%d programs, %v", len(programs), err)
		}
		for _, p := range programs {
			names := importedBy(t, filepath.Join(dir, p.Name()))
			with, without := 0, 0
			for _, name := range names {
				used[name] = true
				switch _, runtimes := own[name]; {
				case facts[name]:
					with++
				case runtimes:
					without++
				default:
					t.Errorf("%s for %s imports %s: it is in no list; read its source for internal/seatbelt/calls.txt, "+
						"or run make darwin-imports", p.Name(), arch, name)
				}
			}
			table += fmt.Sprintf("%-8s %-26s %8d %8d %8d\n", arch, p.Name(), len(names), with, without)
		}
	}
	for _, c := range seatbelt.Imported() {
		if !used[c.Name] {
			t.Errorf("no program imports %s, which internal/seatbelt/calls.txt has", c.Name)
		}
	}
	t.Logf("bound by name: %d, each with a fact\n%s", len(seatbelt.Bound()), table)
}

// macPrograms are the main packages of the programs for macOS.
func macPrograms() []string {
	plugins, _ := filepath.Glob("../../plugins/*/hrhost-probe-*")
	list := []string{"./host/cmd/hrhost", "./host/launch/hrhost-trampoline"}
	for _, p := range plugins {
		list = append(list, strings.TrimPrefix(p, "../.")) // ./plugins/...
	}
	return list
}

func buildMac(t *testing.T, arch string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	cmd := exec.Command("go", append([]string{"build", "-tags", "grpcnotrace", "-o", dir + "/"}, macPrograms()...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH="+arch, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building for darwin/%s: %v\n%s", arch, err, out)
	}
	return dir
}

// importedBy lists a program's imports as C has them. What follows a $ is a variant of
// the same function.
func importedBy(t *testing.T, path string) (names []string) {
	t.Helper()
	f, err := macho.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.ImportedSymbols()
	if err != nil || len(symbols) < 50 {
		t.Fatalf("%s: %d imports, %v", path, len(symbols), err)
	}
	for _, s := range symbols {
		name, _, _ := strings.Cut(strings.TrimPrefix(s, "_"), "$")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

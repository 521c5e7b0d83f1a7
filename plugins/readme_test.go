package plugins

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/pages"
	"github.com/hrhost/hrhost/plugins/internal/source"
	"github.com/hrhost/hrhost/plugins/internal/tables"
	"github.com/hrhost/hrhost/sdk"
)

var update = flag.Bool("update", false, "write the tables of the README files")

// TestReadmes: each family's README has the tables of its Spec, for both
// systems, and says what a person must know beside them.
func TestReadmes(t *testing.T) {
	here, other := sdk.Linux, sdk.MacOS
	if runtime.GOOS == "darwin" {
		here, other = other, here
	}
	sections := map[sdk.Platform]map[string]string{here: tables.Families(here), other: elsewhere(t, other)}
	families, err := source.Directories(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		path := filepath.Join(family, "README.md")
		for system, all := range sections {
			pages.Part{Path: path, Begin: "<!-- " + string(system) + " -->\n", End: "<!-- end of " + string(system) + " -->\n"}.
				Holds(t, all[family], *update, "go test ./plugins -run TestReadmes -update")
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"\n## Ambiguities\n", "go run ./plugins/" + family + "/hrhost-probe-" + family + " --help", "go test ./plugins/" + family + "/..."} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s does not have %q", path, want)
			}
		}
	}
}

// elsewhere builds the Specs of the other system for this one: in each family,
// files that are only for this system make way for those of the other.
func elsewhere(t *testing.T, system sdk.Platform) map[string]string {
	t.Helper()
	replace := map[string]string{}
	for family := range tables.Families(system) {
		ours, theirs := goFiles(t, family, runtime.GOOS), goFiles(t, family, systems[system])
		for name := range ours {
			if !theirs[name] {
				replace[absolute(t, family, name)] = ""
			}
		}
		for name := range theirs {
			if !ours[name] {
				replace[absolute(t, family, "other_system_"+neutral(name))] = unconstrained(t, filepath.Join(family, name))
			}
		}
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err == nil {
		err = os.WriteFile(overlay, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "-overlay", overlay, "./internal/tables/print", string(system))
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the Specs of %s: %v", system, err)
	}
	var all map[string]string
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

var systems = map[sdk.Platform]string{sdk.Linux: "linux", sdk.MacOS: "darwin"}

// goFiles are the files of a family that a system builds.
func goFiles(t *testing.T, family, system string) map[string]bool {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", `{{join .GoFiles "\n"}}`, "./"+family)
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return maps.Collect(func(yield func(string, bool) bool) {
		for _, name := range strings.Fields(string(out)) {
			if !yield(name, true) {
				return
			}
		}
	})
}

// neutral is a file's name that every system builds.
func neutral(name string) string {
	parts := strings.Split(strings.TrimSuffix(name, ".go"), "_")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "linux" || p == "darwin" }), "_") + ".go"
}

// unconstrained copies a file without its build line.
func unconstrained(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, text, constrained := strings.Cut(string(b), "\n\n")
	if !strings.HasPrefix(string(b), "//go:build") || !constrained {
		text = string(b)
	}
	copied := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

func absolute(t *testing.T, elements ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

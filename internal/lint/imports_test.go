package lint

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/hrhost/hrhost/"

// rooms are the directions of imports. A new package gets a row, or falls into a room
// by its path. An import that a row does not name is a decision about the layout: make
// it here, with the reviewer, and not in passing.
var rooms = []Room{
	// The language: no other part of hrhost is known here.
	{"sb/sbpl", nil},

	// Small rooms that anyone of the module may use.
	{"internal/text", nil}, {"internal/english", nil}, {"internal/facts", nil}, {"internal/guard", nil},
	{"internal/monotonic", nil}, {"internal/needs", nil}, {"internal/pages", nil}, {"internal/lint", nil},
	{"internal/codesign", nil}, {"internal/families", nil}, {"internal/terms", nil},
	{"internal/installation", []string{"internal/families"}},
	{"internal/recorder", []string{"internal/monotonic"}},
	{"internal/dbuswire", nil},
	{"internal/seatbelt", []string{"internal/facts"}},
	{"internal/darwin", []string{"internal/seatbelt", "internal/codesign"}},
	{"internal/wire", []string{"internal/terms", "internal/text"}},
	{"internal/conformance", []string{"internal/recorder", "internal/terms", "internal/wire"}},

	// Plugins: the SDK never imports the host, a family imports the SDK.
	{"sdk", []string{"internal/conformance", "internal/darwin", "internal/needs", "internal/recorder",
		"internal/seatbelt", "internal/terms", "internal/wire"}},
	{"plugins", []string{"sdk", "internal/dbuswire", "internal/wire", "internal/darwin", "internal/seatbelt"}},
	{"examples", []string{"sdk"}},

	// The host, in the direction in which data flows.
	{"host/lane", []string{"internal/terms", "internal/text"}},
	{"host/plan", []string{"host/lane", "internal/seatbelt", "sb/sbpl"}},
	{"host/world", []string{"internal/darwin", "internal/codesign"}},
	{"host/mismatch", []string{"host/lane"}},
	{"host/enforce", []string{"host/lane", "sb/sbpl"}},
	{"host/enforce/lasting", nil},
	{"host/enforce/point", []string{"host/enforce", "host/lane", "host/launch", "internal/codesign", "internal/recorder",
		"internal/wire", "sb/sbpl"}},
	{"host/enforce/linux", []string{"host/enforce", "host/enforce/bus", "host/enforce/monitor", "host/enforce/point", "host/lane",
		"host/launch", "internal/codesign", "internal/dbuswire", "internal/wire", "sb/sbpl"}},
	{"host/enforce/monitor", []string{"host/enforce", "host/enforce/lasting", "host/lane", "internal/monotonic", "sb/sbpl"}},
	{"host/enforce/bus", []string{"host/enforce", "host/lane", "internal/dbuswire", "internal/guard",
		"internal/monotonic", "sb/sbpl"}},
	{"host/enforce/seatbelt", []string{"host/enforce", "host/enforce/point", "host/lane", "host/launch", "internal/codesign",
		"internal/darwin", "internal/monotonic", "internal/seatbelt", "internal/wire", "sb/sbpl"}},
	{"host/launch", []string{"host/enforce/lasting", "internal/darwin", "internal/seatbelt", "internal/text", "internal/wire"}},
	// What runs processes knows the seam, and no implementation of it.
	{"host/probing", []string{"host/enforce", "host/enforce/point", "host/lane", "host/launch", "internal/codesign",
		"internal/english", "internal/guard", "internal/monotonic", "internal/recorder", "internal/seatbelt",
		"internal/wire", "sb/sbpl"}},
	{"host/bundle", []string{"host/lane", "internal/english", "internal/text"}},
	{"host/verify", []string{"host/bundle", "host/enforce", "host/lane", "host/mismatch", "host/plan", "host/world",
		"internal/english", "internal/text", "sb/sbpl"}},
	{"host/bundle/hrhost-reference", []string{"", "host/bundle", "release/archive"}},
	{"host/evidence", []string{"host/bundle", "host/enforce", "host/lane", "host/mismatch", "host/plan",
		"internal/recorder", "internal/wire", "sb/sbpl"}},
	{"host/report", []string{"host/bundle", "host/lane", "internal/text"}},
	{"host/diff/stale", []string{"host/plan", "internal/text"}},
	{"host/diff", []string{"host/bundle", "host/lane", "host/plan", "host/verify", "host/world", "internal/text"}},
	{"host/run", []string{"host/bundle", "host/enforce", "host/enforce/point", "host/evidence", "host/lane", "host/launch", "host/mismatch", "host/plan",
		"host/probing", "host/report", "host/verify", "host/world", "internal/codesign", "internal/english",
		"internal/guard", "internal/monotonic", "internal/recorder", "internal/text", "internal/wire",
		"sb/sbpl"}},
	{"host/clean", []string{"host/launch", "internal/darwin"}},
	{"host/scaffold", []string{"internal/families"}},
	{"host/selftest", []string{"host/bundle", "host/launch", "host/world", "internal/..."}},
	{"test/faults", []string{"internal/dbuswire", "internal/recorder", "internal/terms", "internal/wire", "sdk"}},
	{"host/cmd", []string{"", "host/...", "internal/...", "sb/sbpl"}},

	// What builds and checks the project.
	{"release", []string{"internal/codesign", "internal/families"}},
	{"scripts", nil},
}

// TestImports holds every import of the repository's programs, on every system, to the
// directions of rooms. Tests may import any room.
func TestImports(t *testing.T) {
	const root = "../.."
	packages, edges := map[string]bool{}, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		pkg := strings.TrimSuffix(name[:strings.LastIndexByte("/"+name, '/')], "/")
		packages[pkg] = true
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if target+"/" == module {
				target = module
			}
			to, ours := strings.CutPrefix(target, module)
			if !ours {
				continue
			}
			edges++
			if text := refused(rooms, pkg, to); text != "" {
				t.Errorf("%s: %s", name, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if edges < 300 {
		t.Errorf("%d imports were read: is %s still the repository?", edges, root)
	}
	for _, r := range rooms {
		if !inhabited(packages, r.Path) {
			t.Errorf("imports_test.go: the row of %s is about no package", r.Path)
		}
	}
}

func inhabited(packages map[string]bool, path string) bool {
	for pkg := range packages {
		if below(pkg, path) {
			return true
		}
	}
	return false
}

// refused says why a package may not import another one of the module, "" when it may.
// The module's root holds only the default plan.
func refused(rooms []Room, from, to string) string {
	if from == "" {
		return "the root imports nothing"
	}
	room, ok := RoomOf(rooms, from)
	if !ok {
		return "package " + from + " is in no room: give it a row in internal/lint/imports_test.go"
	}
	target, _ := RoomOf(rooms, to)
	if room.May(target, to) {
		return ""
	}
	return room.Path + " may not import " + to + " (internal/lint/imports_test.go has the directions)"
}

func TestRefused(t *testing.T) {
	rooms := []Room{{"a", nil}, {"a/inner", []string{"b"}}, {"b", []string{"a/..."}}, {"c", []string{"a", ""}}, {"d", []string{"a/inner/x"}}}
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"a", "b", false}, {"a/x", "a/y", true}, {"a/inner", "b/x", true}, {"a/x", "b", false},
		{"b", "a/inner", true}, {"b/x", "c", false}, {"ab", "a", false}, {"c", "", true}, {"a", "", false}, {"", "a", false},
		{"c", "a/x", true}, {"c", "a/inner", false}, {"c", "a/inner/x", false}, {"d", "a/inner/x", true}, {"d", "a/inner/y", false},
	} {
		if got := refused(rooms, c.from, c.to); (got == "") != c.ok {
			t.Errorf("%q imports %q: %q", c.from, c.to, got)
		}
	}
}

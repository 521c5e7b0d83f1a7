package ops

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of versions into docs/sbpl.md")

var kinds = []string{"accepts", "open", "covered", "alias", "unbound", "skipped", "adds", "refuses", "doubt"}

// TestVersionEntries: each row names what its releases have, and no two rows say the
// same of one name.
func TestVersionEntries(t *testing.T) {
	seen := map[string]bool{}
	for i, e := range Entries() {
		if !slices.Contains(kinds, e.Kind) || e.Source == "" {
			t.Errorf("row %d: %+v", i+1, e)
		}
		for _, release := range e.Releases {
			table, err := For(release)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range e.Versions {
				v := table.ForVersion(n)
				if !table.Accepts(n) {
					t.Errorf("row %d: %s does not accept version %d", i+1, release, n)
				}
				for _, name := range e.Names {
					key := fmt.Sprint(e.Kind, " ", release, " ", n, " ", name, " ", e.What)
					if _, alias := v.Aliases[name]; v.ByName[name] == nil && !alias || seen[key] {
						t.Errorf("row %d: the release does not have %s, or another row has it", i+1, key)
					}
					seen[key] = true
				}
			}
		}
	}
}

// asked are the operations that stand only in the filter of a rule.
var asked = []string{"default-message-filter", "iokit-async-external-method", "iokit-external-method", "iokit-external-trap",
	"mach-message-send", "xpc-message-send"}

// TestVersionsOpen: version 1 opens what a table of 14 and later has open, and more;
// the others leave all of it to default.
func TestVersionsOpen(t *testing.T) {
	for _, release := range []string{"14", "15", "26"} {
		base, err := For(release)
		if err != nil {
			t.Fatal(err)
		}
		first, open := base.ForVersion(1), 0
		for _, o := range base.Operations {
			if slices.Contains(asked, o.Name) {
				continue
			}
			listed := func(e Entry) bool { return slices.Contains(e.Names, o.Name) }
			if o.Allow && !slices.ContainsFunc(base.entries("open", 1), listed) {
				t.Errorf("%s: the table opens %s and no row has it", release, o.Name)
			}
			if first.ByName[o.Name].Allow {
				open++
			}
			for n := int64(2); n <= 3; n++ {
				if v := base.ForVersion(n).ByName[o.Name]; v.Allow {
					t.Errorf("%s: %s is open in version %d", release, o.Name, n)
				}
			}
		}
		if open < 20 {
			t.Errorf("%s: version 1 opens %d operations", release, open)
		}
	}
	table, _ := For("15")
	third := table.ForVersion(3)
	for name, parent := range map[string]string{"process-info-codesignature": "process-info*", "process-info*": "process*",
		"syscall-unix": "syscall*", "syscall*": "default", "system-fcntl": "system*", "darwin-notification-post": "default"} {
		if o := third.ByName[name]; o.Parent != parent {
			t.Errorf("in version 3 %s goes on with %q, want %s", name, o.Parent, parent)
		}
	}
	if table.ByName["system-fcntl"].Allow || table.ByName["syscall-unix"].Parent != "" {
		t.Error("a version changed the release's table")
	}
}

const document = "../../../docs/sbpl.md"

// TestVersionsInTheDocument: docs/sbpl.md has the rows of versions.tsv.
func TestVersionsInTheDocument(t *testing.T) {
	const begin, end = "<!-- versions: written by `go test ./sb/sbpl/ops -update` -->\n", "<!-- end of versions -->"
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	table, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("docs/sbpl.md has no place for the table of versions")
	}
	if table == versionRows() {
		return
	}
	if !*update {
		t.Fatal("docs/sbpl.md has another table of versions: go test ./sb/sbpl/ops -update")
	}
	if err := os.WriteFile(document, []byte(head+begin+versionRows()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// versionRows is versions.tsv as a table for a person.
func versionRows() string {
	var b strings.Builder
	b.WriteString("| what | (version) | macOS | operations | evidence | source |\n|---|---|---|---|---|---|\n")
	for _, e := range Entries() {
		var numbers []string
		for _, n := range e.Versions {
			numbers = append(numbers, fmt.Sprint(n))
		}
		what := e.Kind
		if e.What != "-" {
			what += " " + e.What
		}
		cells := []string{what, strings.Join(numbers, ", "), strings.Join(e.Releases, ", "), strings.Join(e.Names, ", "), e.Evidence.String(), e.Source}
		fmt.Fprintf(&b, "| %s |\n", strings.ReplaceAll(strings.Join(cells, " | "), "*", `\*`))
	}
	return b.String()
}

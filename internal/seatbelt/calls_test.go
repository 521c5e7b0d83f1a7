package seatbelt

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/pages"
)

// sourceLine is a line of a file in one of the repositories that calls.txt names.
var sourceLine = regexp.MustCompile(`^(xnu|Libc|dyld|Libnotify|CF|Security|Libinfo|libresolv|launchd|IOKitUser) [^ :]+:[1-9][0-9]*$`)

// TestCalls: each name is there once and has a source line, or why it has none; the
// prototype is of that name.
func TestCalls(t *testing.T) {
	for list, all := range map[string][]Call{"bound": Bound(), "imported": Imported()} {
		seen := map[string]bool{}
		for _, c := range all {
			if seen[c.Name] {
				t.Errorf("%s: %s is there twice", list, c.Name)
			}
			seen[c.Name] = true
			if !sourceLine.MatchString(c.Source) && !strings.HasPrefix(c.Source, "not open: ") {
				t.Errorf("%s: %s: source %q, want REPOSITORY FILE:LINE or why there is none", list, c.Name, c.Source)
			}
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(c.Name) + `\b`).MatchString(c.Prototype) {
				t.Errorf("%s: the prototype of %s is %q", list, c.Name, c.Prototype)
			}
		}
		if len(seen) < 40 {
			t.Errorf("%s: only %d names", list, len(seen))
		}
	}
	if len(OwnImports()) < 20 {
		t.Errorf("only %d names are the runtime's own", len(OwnImports()))
	}
}

// TestOwnIsNotCalled: a name that the call graph leads to has a fact in its place.
func TestOwnIsNotCalled(t *testing.T) {
	for _, c := range Imported() {
		if by := OwnImports()[c.Name]; by != "" {
			t.Errorf("%s is called by our code and is the own import of %s", c.Name, by)
		}
	}
}

func TestParseCalls(t *testing.T) {
	for _, text := range []string{
		"f | int f(void) | -1 | xnu a.c:1", "[bound]\nf | int f(void) | -1 | xnu a.c:1",
		"[imported]\nf |  | -1 | xnu a.c:1", "[other]\n",
	} {
		if list, err := parseCalls(text); err == nil {
			t.Errorf("%q: %+v", text, list)
		}
	}
}

// TestCallsDocument keeps the tables of docs/macos-calls.md as CallTables writes them.
func TestCallsDocument(t *testing.T) {
	pages.Part{
		Path:  "../../docs/macos-calls.md",
		Begin: "<!-- calls: written by `go test ./internal/seatbelt -update` -->\n", End: "<!-- end of calls -->\n",
	}.Holds(t, CallTables(), *update, "go test ./internal/seatbelt -update")
}

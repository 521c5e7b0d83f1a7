package linux

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/selftest.md")

// TestDocument keeps the table of docs/selftest.md as the facts are.
func TestDocument(t *testing.T) {
	const path = "../../../docs/selftest.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- facts: written by `go test ./host/selftest/linux -update` -->\n", "<!-- end of facts -->\n"
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", path)
	}
	want := before + begin + table() + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Errorf("%s is behind the facts: go test ./host/selftest/linux -update", path)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| fact | claim | source | what breaks if it is wrong |\n|---|---|---|---|\n")
	for _, f := range Facts() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.ID, f.Claim, f.Source, f.Breaks)
	}
	return b.String()
}

package linux

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/pages"
)

var update = flag.Bool("update", false, "write the table of docs/selftest.md")

// TestDocument keeps the table of docs/selftest.md as the facts are.
func TestDocument(t *testing.T) {
	pages.Part{
		Path:  "../../../docs/selftest.md",
		Begin: "<!-- facts: written by `go test ./host/selftest/linux -update` -->\n", End: "<!-- end of facts -->\n",
	}.Holds(t, table(), *update, "go test ./host/selftest/linux -update")
}

func table() string {
	var b strings.Builder
	b.WriteString("| fact | claim | source | what breaks if it is wrong |\n|---|---|---|---|\n")
	for _, f := range Facts() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.ID, f.Claim, f.Source, f.Breaks)
	}
	return b.String()
}

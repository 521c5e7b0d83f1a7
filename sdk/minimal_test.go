package sdk_test

import (
	"os"
	"strings"
	"testing"
)

// maxMinimal is how long a whole plugin with its test may be, in lines.
const maxMinimal = 60

// TestMinimalPlugin: examples/minimal stays short, and docs/plugins.md shows it
// as it is.
func TestMinimalPlugin(t *testing.T) {
	page, err := os.ReadFile("../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, name := range []string{"main.go", "main_linux_test.go"} {
		source, err := os.ReadFile("../examples/minimal/" + name)
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(string(source), "\n")
		if !strings.Contains(string(page), "```go\n"+string(source)+"```\n") {
			t.Errorf("docs/plugins.md does not show %s as it is", name)
		}
	}
	if lines >= maxMinimal {
		t.Errorf("the minimal plugin and its test have %d lines, want fewer than %d", lines, maxMinimal)
	}
}

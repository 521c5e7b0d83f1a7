package sbpl

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

var warned = regexp.MustCompile(`\.warn\([^"]*"([a-z-]+)"`)

// TestWarningCodes: every code that the package gives is listed, and none else.
func TestWarningCodes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var given []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range warned.FindAllSubmatch(text, -1) {
			given = append(given, string(m[1]))
		}
	}
	slices.Sort(given)
	given = slices.Compact(given)
	listed := slices.Sorted(slices.Values(WarningCodes))
	if !slices.Equal(given, listed) {
		t.Errorf("given %v\nlisted %v", given, listed)
	}
}

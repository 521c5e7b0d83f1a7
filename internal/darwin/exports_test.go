//go:build darwin || linux

package darwin

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestExports holds every symbol that the package binds against what Apple's
// libraries are known to export, for both architectures and in an SDK of macOS 15
// or later.
func TestExports(t *testing.T) {
	text, err := os.ReadFile("testdata/exports.txt")
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 4 && f[0] != "#" {
			exported[f[0]+" "+f[1]] = f[2] == "arm64,x86_64" && strings.Contains(","+f[3], ",15")
		}
	}
	bound := 0
	for _, l := range []struct {
		lib  *library
		file string
	}{{system, "libSystem.B.dylib"}, {sandbox, "libsandbox.1.dylib"}, {cf, "CoreFoundation"}} {
		for _, s := range l.lib.symbols {
			bound++
			if s.name == "__error" && runtime.GOOS == "linux" {
				continue // only the tests bind it
			}
			both, known := exported[l.file+" "+s.name]
			if !known || !both {
				t.Errorf("%s of %s: known %v, for both architectures of late %v", s.name, l.file, known, both)
			}
		}
	}
	if bound < 25 {
		t.Errorf("only %d symbols are bound", bound)
	}
}

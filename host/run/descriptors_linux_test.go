package run

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/plan"
)

// openFiles counts the descriptors below a directory that is being written, each
// time that a profile has ended.
type openFiles struct {
	watcher
	most int
}

func (w *openFiles) Profile(ProfileDone) {
	links, _ := filepath.Glob("/proc/self/fd/*")
	n := 0
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && strings.Contains(to, ".partial/") {
			n++
		}
	}
	w.most = max(w.most, n)
}

// TestDescriptorsDoNotGrowWithTheProfiles: what has ended, or waits for the sealed
// phase, holds no file open.
func TestDescriptorsDoNotGrowWithTheProfiles(t *testing.T) {
	profiles := 6 * (runtime.NumCPU() + 1) // six times as many as run side by side
	dir := t.TempDir()
	text := "schema = 1\nid = \"many\"\n"
	for i := range profiles {
		text += fmt.Sprintf(`[[profile]]
id = "p%d"
family = "sysctl"
source = "p.sb"
isolation = %q
probes = [ { id = "x", op = "sysctl-read", target = "kernel.ostype", expect = "allow" } ]
`, i, []string{"profile", "probe"}[i%2])
	}
	for name, text := range map[string]string{"plan.toml": text, "p.sb": "(version 1)\n(allow default)\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(filepath.Join(dir, "plan.toml"), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &openFiles{}
	_, err = Run(t.Context(), Options{
		Plan: p, Shown: "plan.toml", Out: filepath.Join(dir, "out"), Bin: bin, TempDir: "/tmp",
		Channel: "direct", Version: "test", Watch: w, Point: tampered(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	needSeal(t, w.lines)
	// A spool and a log of each that runs, and the families' baseline log.
	if most := 2*(runtime.NumCPU()+1) + 1; w.most > most || w.most == 0 {
		t.Errorf("up to %d files of the bundle were open, want at most %d with %d profiles", w.most, most, profiles)
	}
}

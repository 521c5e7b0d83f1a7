package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hrhost/hrhost"
)

// TestDefaultPlan: the plan at the root loads on both systems.
func TestDefaultPlan(t *testing.T) {
	for _, os := range []string{Linux, MacOS} {
		p, err := Load("../../config.toml", Options{OS: os})
		if err != nil {
			t.Fatalf("%s: %v", os, err)
		}
		if !strings.Contains(string(p.Resolved()), `"os": "`+os+`"`) {
			t.Errorf("%s: the resolved plan names another system", os)
		}
	}
}

// TestEmbeddedPlan: the embedded plan is the one at the root, profile by
// profile, and names no path of this machine.
func TestEmbeddedPlan(t *testing.T) {
	file, err := Load("../../config.toml", Options{})
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := LoadFS(hrhost.DefaultPlan, "config.toml", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if embedded.Path != "" || embedded.Digest != file.Digest || len(embedded.Profiles) != len(file.Profiles) {
		t.Errorf("path %q, digest %s, %d profiles; the file's are %s, %d", embedded.Path, embedded.Digest, len(embedded.Profiles), file.Digest, len(file.Profiles))
	}
	for i, p := range embedded.Profiles {
		if want := file.Profiles[i]; p.Digest != want.Digest || p.Policy == nil || p.File != want.Source {
			t.Errorf("profile %s from %q has digest %s, want %s from %q", p.ID, p.File, p.Digest, want.Digest, want.Source)
		}
	}
	if wd, _ := os.Getwd(); embedded.Run.Out != filepath.Join(wd, "out") {
		t.Errorf("out is %q", embedded.Run.Out)
	}
	if _, err := LoadFS(hrhost.DefaultPlan, "config.toml", Options{Families: []string{"sysctrl"}}); err == nil ||
		err.Error() != `default plan: no family "sysctrl" in the plan: did you mean "sysctl"?` {
		t.Errorf("a family that is not there: %v", err)
	}
}

package darwin

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestStaysOutOfLinuxPrograms: purego would make them dynamic.
func TestStaysOutOfLinuxPrograms(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../../host/...", "../../plugins/...", "../../sdk/...").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	for _, p := range []string{"github.com/ebitengine/purego", "github.com/hrhost/hrhost/internal/darwin"} {
		if slices.Contains(deps, p) {
			t.Errorf("a Linux program imports %s", p)
		}
	}
	if len(deps) < 100 {
		t.Errorf("only %d packages were looked at", len(deps))
	}
}

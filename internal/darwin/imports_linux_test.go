package darwin

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestStaysOutOfLinuxPrograms: purego would make them dynamic.
func TestStaysOutOfLinuxPrograms(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not here to list what programs import")
	}
	out, err := exec.Command("go", "list", "-deps", "../../host/...", "../../plugins/...", "../../sdk/...").Output()
	if err != nil {
		t.Fatalf("listing what the Linux programs import: %v", err)
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

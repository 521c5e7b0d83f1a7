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
	programs := goList(t, "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "../../host/...", "../../plugins/...", "../../sdk/...")
	if !slices.Contains(programs, "github.com/hrhost/hrhost/host/cmd/hrhost") {
		t.Fatalf("the programs found are %q, without host/cmd/hrhost", programs)
	}
	deps := goList(t, append([]string{"-deps"}, programs...)...)
	for _, p := range []string{"github.com/ebitengine/purego", "github.com/hrhost/hrhost/internal/darwin"} {
		if slices.Contains(deps, p) {
			t.Errorf("a Linux program imports %s", p)
		}
	}
	if len(deps) < 100 {
		t.Errorf("only %d packages were looked at", len(deps))
	}
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %q: %v", args, err)
	}
	return strings.Fields(string(out))
}

package evidence

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsNoProcesses: the package needs no code that starts, watches or
// contains processes, neither directly nor through an import.
func TestImportsNoProcesses(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not here to list imports")
	}
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	const host = "github.com/hrhost/hrhost/host/"
	if !slices.Contains(deps, host+"lane") {
		t.Fatalf("host/lane is missing in %d packages", len(deps))
	}
	for _, name := range []string{"run", "probing", "launch", "enforce/monitor", "enforce/bus", "enforce/seatbelt"} {
		if slices.Contains(deps, host+name) {
			t.Errorf("evidence imports host/%s", name)
		}
	}
}

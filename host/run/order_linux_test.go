package run

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// TestRowsAreInPlanOrder: a sweep comes first in the plan and is run last, a profile
// with a process for each probe comes before shorter ones, and one skips a probe in
// the middle. verify checks the order of every document; here it is spelled out.
func TestRowsAreInPlanOrder(t *testing.T) {
	dir := t.TempDir()
	text := `schema = 1
id = "order"
[[profile]]
id = "swept"
family = "sysctl"
source = "p.sb"
sweep = { op = "sysctl-read", match = "kernel.os*" }
[[profile]]
id = "isolated"
family = "sysctl"
source = "p.sb"
isolation = "probe"
probes = [
  { id = "one", op = "sysctl-read", target = "kernel.ostype", expect = "allow" },
  { id = "two", op = "sysctl-read", target = { macos = "kern.ostype" }, expect = "allow" },
  { id = "three", op = "sysctl-read", target = "kernel.osrelease", expect = "allow" },
  { id = "four", op = "sysctl-read", target = { macos = "kern.ostype" }, expect = "allow" } ]
`
	for i := range 3 {
		text += fmt.Sprintf(`[[profile]]
id = "quick%d"
family = "sysctl"
source = "p.sb"
probes = [ { id = "one", op = "sysctl-read", target = "kernel.ostype", expect = "allow" } ]
`, i)
	}
	for name, text := range map[string]string{"plan.toml": text, "p.sb": "(version 1)\n(allow default)\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := runAnyPlan(t, filepath.Join(dir, "plan.toml"), nil) // which verifies
	needSeal(t, got.lines)
	want := []string{"swept:1@after", "swept:2@after", "isolated:one@after", "isolated:two@after",
		"isolated:three@after", "isolated:four@after", "quick0:one@after", "quick1:one@after", "quick2:one@after"}
	for _, name := range []string{bundle.BaselineResults, bundle.RuntimeResults, bundle.RuntimeEvents} {
		var ids []string
		err := bundle.ReadRows(got.Dir, name, func(row lane.Context) error {
			ids = append(ids, row.ExpectationID)
			return nil
		})
		if err != nil || !slices.Equal(ids, want) {
			t.Errorf("%s: %q, %v; want %q", name, ids, err, want)
		}
	}
}

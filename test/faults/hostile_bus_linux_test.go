package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/internal/needs"
)

const lookUps = `(version 1)
(deny default)
(allow mach-lookup (global-name "org.hrhost.fixture.One"))
`

// TestHostileOnBus floods the gateway beside an honest family on the same buses.
func TestHostileOnBus(t *testing.T) {
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, err.Error())
	}
	files := map[string]string{"bus.sb": lookUps}
	alone := runHere(t, busPlan(t, "mach"), &setup{files: files})
	alone.sealedHere()
	f := runHere(t, busPlan(t, "mach", "flood-bus"), &setup{files: files})
	if !f.Verify.Valid || f.Verify.Promotable || f.Exit != 3 || f.holds(behaved) {
		t.Errorf("exit code %d, findings %v", f.Exit, f.Verify.Findings)
	}
	if diff := cmp.Diff(alone.rowsOf("mach"), f.rowsOf("mach")); diff != "" {
		t.Errorf("the honest family's rows are not what they are without the flood:\n%s", diff)
	}
	for _, r := range f.rows {
		if decided := r.Decision.Verdict != nil; decided != (r.Family == "mach") {
			t.Errorf("%s: decided %t: %s", r.ExpectationID, decided, r.Detail)
		}
	}
	h := hostile{"flood-bus", "a flood of D-Bus messages", behaved}
	row := f.row(h, "", f.Exit, f.plugins()[h.name])
	hostilePage(t, "bus", []string{strings.Replace(row, "TestHostile//flood-bus", "TestHostileOnBus", 1)})
}

// busPlan has a profile of two look-ups for each family. The hostile one's
// program is the one that misbehaves, for seconds until it meets its limit.
func busPlan(t *testing.T, families ...string) string {
	t.Helper()
	const probes = `
  { id = "first", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "allow" },
  { id = "bad",   op = "mach-lookup", target = "org.hrhost.fixture.Two", expect = "deny" },
`
	text, programs := "schema = 1\nid = \"hostile\"\n", ""
	for _, family := range families {
		text += fmt.Sprintf("[[profile]]\nid = %q\nfamily = %q\nsource = \"bus.sb\"\ntimeout = \"60s\"\nprobes = [%s]\n", family, family, probes)
		if family == "mach" {
			continue
		}
		path := filepath.Join(tempDir(t), "hrhost-probe-"+family)
		if err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path); err != nil {
			t.Fatal(err)
		}
		programs += fmt.Sprintf("[plugin.%s]\npath = %q\n", family, path)
	}
	return text + programs
}

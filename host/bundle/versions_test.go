package bundle

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// written makes the writer use an older schema of a document until the test ends.
func written(t *testing.T, name string, version int) {
	newest := versions[name]
	versions[name] = version
	t.Cleanup(func() { versions[name] = newest })
}

// TestOldSpelling: a bundle from before a plan's targets had one spelling has them
// as they were written, and stays valid. A later one has no such excuse.
func TestOldSpelling(t *testing.T) {
	made := func(version int) Report {
		f := newFixture()
		f.probe("slashes", "net/ipv4/ip_forward", lane.Deny)
		f.summary.Counts = Counts{Profiles: 1, Probes: 3, AsExpected: 3, Attempts: 3, Allow: 1, Deny: 2}
		written(t, PlanResolved, 1)
		f.resolve()
		written(t, PlanResolved, version)
		dir := f.write(t)
		versions[PlanResolved] = 2
		r, err := Verify(dir)
		must(t, err)
		return r
	}
	if r := made(1); !r.Valid {
		t.Errorf("of version 1: %v", r.Findings)
	}
	if r := made(2); r.Valid || !strings.Contains(r.Findings[0].Message, `profile "sysctl.strict" is not that of plan.toml`) {
		t.Errorf("of version 2: %v", r.Findings)
	}
}

func TestVersionOf(t *testing.T) {
	for _, c := range []struct {
		name, schema string
		want         int
	}{
		{PlanResolved, "hardened-runtime.plan.resolved.v1", 1},
		{PlanResolved, "hardened-runtime.plan.resolved.v2", 2},
		{PlanResolved, "hardened-runtime.plan.resolved.v3", 0},
		{World, "hardened-runtime.world.v1", 1},
		{World, "hardened-runtime.plan.resolved.v1", 0},
		{PlanTOML, "", 0},
	} {
		if got := versionOf(c.name, c.schema); got != c.want {
			t.Errorf("%s of %s: %d, want %d", c.schema, c.name, got, c.want)
		}
	}
	if SchemaOf(PlanResolved) != "hardened-runtime.plan.resolved.v2" || SchemaOf(PlanTOML) != "" {
		t.Errorf("%q, %q", SchemaOf(PlanResolved), SchemaOf(PlanTOML))
	}
}

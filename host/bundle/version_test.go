package bundle

import "testing"

func TestVersionOf(t *testing.T) {
	for _, c := range []struct {
		name, schema string
		want         int
	}{
		{PlanResolved, "hardened-runtime.plan.resolved.v1", 1},
		{PlanResolved, "hardened-runtime.plan.resolved.v2", 2},
		{PlanResolved, "hardened-runtime.plan.resolved.v3", 3},
		{World, "hardened-runtime.world.v1", 1},
		{World, "hardened-runtime.plan.resolved.v1", 0},
		{PlanTOML, "", 0},
	} {
		if got := VersionIn(c.name, c.schema); got != c.want {
			t.Errorf("%s of %s: %d, want %d", c.schema, c.name, got, c.want)
		}
	}
	if SchemaOf(PlanResolved) != "hardened-runtime.plan.resolved.v2" || SchemaOf(PlanTOML) != "" {
		t.Errorf("%q, %q", SchemaOf(PlanResolved), SchemaOf(PlanTOML))
	}
}

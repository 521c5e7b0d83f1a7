package verify

import (
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/plan"
)

// manifested holds the manifest against the world, the plan as it was resolved and
// the summary: what all of a bundle is read by may not be one document's word.
func (c *checker) manifested() {
	m, r := c.manifest, c.resolved
	if c.resolved.Digest != m.PlanDigest {
		c.find("plan", bundle.PlanResolved, "digest differs from the manifest's plan_digest")
	}
	if r.OS != m.OS {
		c.find("plan", bundle.PlanResolved, "os differs from the manifest's")
	}
	if c.world.OS != m.OS || (m.OS == plan.Linux) != strings.HasPrefix(m.WorldID, plan.Linux+"-") {
		c.find("identity", bundle.World, "this is no world of the manifest's os, %q", clip(m.OS))
	}
	if r.ID != m.PlanID || c.summary.PlanID != m.PlanID {
		c.find("plan", bundle.RunManifest, "plan_id is not that of the plan and of the summary")
	}
	if r.World != m.WorldPin {
		c.find("plan", bundle.RunManifest, "world_pin is %q, the plan's is %q", clip(m.WorldPin), clip(r.World))
	}
	if c.summary.Channel != m.Channel {
		c.find("summary", bundle.SummaryJSON, "channel differs from the manifest's")
	}
	c.manifestProfiles()
}

// manifestProfiles: the manifest's profiles are the plan's, each once.
func (c *checker) manifestProfiles() {
	seen, seals := map[string]bool{}, map[string]bool{}
	for _, p := range c.manifest.Profiles {
		planned := c.resolved.profile(p.ID)
		switch {
		case seen[p.ID]:
			c.find("profiles", bundle.RunManifest, "profile %q is there twice", clip(p.ID))
		case planned == nil:
			c.find("profiles", bundle.RunManifest, "profile %q is not in the plan", clip(p.ID))
		case p.Family != planned.Family || p.Digest != planned.Digest || p.SealMode != planned.Seal:
			c.find("profiles", bundle.RunManifest, "profile %q is not the plan's", clip(p.ID))
		}
		seen[p.ID], seals[p.SealMode] = true, true
	}
	if !slices.Equal(c.manifest.SealModes, slices.Sorted(maps.Keys(seals))) {
		c.find("profiles", bundle.RunManifest, "seal_modes are not those of the profiles")
	}
}

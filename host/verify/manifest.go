package verify

import (
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/text"
)

// manifested holds the manifest against the world, the plan as it was resolved and
// the summary: what all of a bundle is read by may not be one document's word.
func manifested(m *bundle.Manifest, r *resolvedPlan, w *world.World, s *bundle.Summary) (found findings) {
	if r.Digest != m.PlanDigest {
		found.add("plan", "resolved_digest", bundle.PlanResolved, "digest differs from the manifest's plan_digest")
	}
	if r.OS != m.OS {
		found.add("plan", "resolved_os", bundle.PlanResolved, "os differs from the manifest's")
	}
	if w.OS != m.OS || (m.OS == plan.Linux) != strings.HasPrefix(m.WorldID, plan.Linux+"-") {
		found.add("identity", "world_os", bundle.World, "this is no world of the manifest's os, %q", text.Brief(m.OS))
	}
	if r.ID != m.PlanID || s.PlanID != m.PlanID {
		found.add("plan", "plan_id", bundle.RunManifest, "plan_id is not that of the plan and of the summary")
	}
	if r.World != m.WorldPin {
		found.add("plan", "world_pin", bundle.RunManifest,
			"world_pin is %q, the plan's is %q", text.Brief(m.WorldPin), text.Brief(r.World))
	}
	if s.Channel != m.Channel {
		found.add("summary", "channel", bundle.SummaryJSON, "channel differs from the manifest's")
	}
	found.join(manifestProfiles(m, r))
	return found
}

// manifestProfiles: the manifest's profiles are the plan's, each once.
func manifestProfiles(m *bundle.Manifest, r *resolvedPlan) (found findings) {
	seen, seals := map[string]bool{}, map[string]bool{}
	for _, p := range m.Profiles {
		planned := r.profile(p.ID)
		switch {
		case seen[p.ID]:
			found.add("profiles", "profile_twice", bundle.RunManifest, "profile %q is there twice", text.Brief(p.ID))
		case planned == nil:
			found.add("profiles", "profile_unplanned", bundle.RunManifest,
				"profile %q is not in the plan", text.Brief(p.ID))
		case p.Family != planned.Family || p.Digest != planned.Digest || p.SealMode != planned.Seal:
			found.add("profiles", "profile_not_plans", bundle.RunManifest,
				"profile %q is not the plan's", text.Brief(p.ID))
		}
		seen[p.ID], seals[p.SealMode] = true, true
	}
	if !slices.Equal(m.SealModes, slices.Sorted(maps.Keys(seals))) {
		found.add("profiles", "seal_modes", bundle.RunManifest, "seal_modes are not those of the profiles")
	}
	return found
}

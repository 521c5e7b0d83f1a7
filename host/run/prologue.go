package run

import (
	"github.com/hrhost/hrhost/host/bundle"
)

// prologue writes what is known before the first process: the plan, its
// profiles, the world, the expectations, and whether a policy can be applied.
func (x *execution) prologue() error {
	p, w := x.opts.Plan, x.out.bundle
	if err := x.out.file(bundle.PlanTOML, p.Source); err != nil {
		return err
	}
	if err := x.out.file(bundle.PlanResolved, p.Resolved()); err != nil {
		return err
	}
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		if err := x.out.file(profilePath(prof), prof.Text); err != nil {
			return err
		}
		for n, im := range prof.Imports {
			if err := x.out.file(importPath(prof, n), im.Text); err != nil {
				return err
			}
		}
	}
	if err := w.Document(bundle.World, x.about.world); err != nil {
		return err
	}
	if err := w.Document(bundle.ExpectedMatrixJSON, x.about.matrix()); err != nil {
		return err
	}
	preflight := x.about.preflight(x.points.point.Mechanism().API, x.points.point.Preflight(preflightProfile))
	if err := w.Document(bundle.Preflight, preflight); err != nil {
		return err
	}
	return x.out.open(p, x.about.world.ID)
}

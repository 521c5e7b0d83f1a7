package run

import (
	"encoding/json"
	"fmt"

	"github.com/hrhost/hrhost/host/bundle"
)

// prologue writes what is known before the first process: the plan, its
// profiles, the world, the expectations, and whether a policy can be applied.
func (x *execution) prologue() error {
	p, w := x.opts.Plan, x.out.bundle
	if err := writeFile(w, bundle.PlanTOML, p.Source); err != nil {
		return err
	}
	if err := writeFile(w, bundle.PlanResolved, p.Resolved()); err != nil {
		return err
	}
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		if err := writeFile(w, profilePath(prof), prof.Text); err != nil {
			return err
		}
		for n, im := range prof.Imports {
			if err := writeFile(w, importPath(prof, n), im.Text); err != nil {
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

// writeFile writes a text or a JSON document whole.
func writeFile(w *bundle.Writer, name string, text []byte) error {
	if bundle.SchemaOf(name) != "" {
		return w.Document(name, json.RawMessage(text))
	}
	f, err := w.File(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return f.Close()
}

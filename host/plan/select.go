package plan

import (
	"fmt"
	"slices"
)

// narrow keeps what the filters of the options name. A filter that names
// nothing of the plan is refused: it is a typing mistake.
func (p *Plan) narrow(file string, o Options) error {
	var errs ErrorList
	check := func(flag string, names, among []string) {
		for _, n := range names {
			if !slices.Contains(among, n) {
				text := fmt.Sprintf("no %s %q in the plan", flag, n)
				errs = append(errs, Problem{Where: file, Text: text, Hint: maybe(n, among)})
			}
		}
	}
	check("family", o.Families, p.familyNames())
	check("profile", o.Profiles, p.profileNames())
	check("probe", o.Probes, p.probeNames())
	if err := errs.orNil(); err != nil {
		return err
	}
	p.keep(o)
	if len(p.Profiles) == 0 {
		return ErrorList{{Where: file, Text: "the filters leave no probe"}}
	}
	return nil
}

func (p *Plan) keep(o Options) {
	var kept []Profile
	for _, pr := range p.Profiles {
		if !lets(o.Families, pr.Family) || !lets(o.Profiles, pr.ID) {
			continue
		}
		if pr.Sweep == nil {
			pr.Probes = pr.keep(o.Probes)
		}
		if len(pr.Probes) > 0 || pr.Sweep != nil && len(o.Probes) == 0 {
			kept = append(kept, pr)
		}
	}
	p.Profiles = kept
	families := p.familyNames()
	p.Plugins = slices.DeleteFunc(p.Plugins, func(pl Plugin) bool { return !slices.Contains(families, pl.Family) })
}

func (pr Profile) keep(names []string) []Probe {
	var out []Probe
	for _, b := range pr.Probes {
		if lets(names, b.ID) || slices.Contains(names, pr.ID+":"+b.ID) {
			out = append(out, b)
		}
	}
	return out
}

func lets(filter []string, name string) bool {
	return len(filter) == 0 || slices.Contains(filter, name)
}

func (p *Plan) familyNames() []string {
	var out []string
	for _, pr := range p.Profiles {
		out = append(out, pr.Family)
	}
	return out
}

func (p *Plan) profileNames() []string {
	var out []string
	for _, pr := range p.Profiles {
		out = append(out, pr.ID)
	}
	return out
}

func (p *Plan) probeNames() []string {
	var out []string
	for _, pr := range p.Profiles {
		for _, b := range pr.Probes {
			out = append(out, b.ID, pr.ID+":"+b.ID)
		}
	}
	return out
}

package run

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/english"
)

// about is what a run says of itself in its documents.
type about struct {
	plan    *plan.Plan
	id      string
	started time.Time
	world   *world.World
	self    world.SelfCheck
	channel string
	stage   string // the staged root, "" when there is none
	version string // of hrhost
}

func aboutOf(opts Options) about {
	return about{
		plan: opts.Plan, id: NewID(time.Now()), started: time.Now(), world: opts.world,
		channel: opts.Channel, stage: opts.Stage, version: opts.Version,
	}
}

// frame is of the rows about no program.
func (a *about) frame(p point.Point) frame {
	return frame{
		context:   lane.Context{RunID: a.id, WorldID: a.world.ID, PlanDigest: a.plan.Digest},
		uncovered: p.Uncovered, sharedEngine: p.Mechanism().SharedEngine,
	}
}

func (a *about) mismatchContext() mismatch.RunContext {
	return mismatch.RunContext{
		RunID: a.id, WorldID: a.world.ID, Channel: a.channel, PlanDigest: a.plan.Digest, RunManifest: bundle.RunManifest,
	}
}

func profilePath(prof *plan.Profile) string { return bundle.ProfilesDir + prof.ID + ".sb" }

// importPath is where the nth file of a profile's import closure stands. The
// number keeps files of one name apart.
func importPath(prof *plan.Profile, n int) string {
	return fmt.Sprintf("%s%s.imports/%d.sb", bundle.ProfilesDir, prof.ID, n+1)
}

func (a *about) matrix() bundle.Matrix {
	m := bundle.Matrix{RunID: a.id, WorldID: a.world.ID, PlanDigest: a.plan.Digest, Profiles: map[string]bundle.MatrixProfile{}}
	for i := range a.plan.Profiles {
		prof := &a.plan.Profiles[i]
		mp := bundle.MatrixProfile{Mode: "sbpl", Family: prof.Family, Source: prof.Source, ProfileDigest: prof.Digest, SealMode: prof.Seal, Sweep: matrixSweep(prof), Probes: []bundle.Expectation{}}
		for _, p := range evidence.Questions(prof) {
			mp.Probes = append(mp.Probes, matrixEntry(prof, p))
		}
		m.Profiles[prof.ID] = mp
	}
	return m
}

func hasSweep(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Profiles, func(pr plan.Profile) bool { return pr.Sweep != nil })
}

// matrixSweep is a profile's sweep as the matrix has it, nil for none.
func matrixSweep(prof *plan.Profile) *bundle.MatrixSweep {
	if prof.Sweep == nil {
		return nil
	}
	s := bundle.MatrixSweep(*prof.Sweep)
	return &s
}

func matrixEntry(prof *plan.Profile, p evidence.Question) bundle.Expectation {
	return bundle.Expectation{
		ExpectationID: evidence.ExpectationID(prof, p), Name: p.ID, Arm: p.Arm, Operation: p.Operation,
		Filter: lane.Filter{Name: p.Filter, Value: p.Target}, Target: p.Target,
		Expected: p.Expected(), Attempts: max(1, prof.Repeat), Skipped: p.Skip,
	}
}

func (a *about) summary(t *evidence.Tally) bundle.Summary {
	c := t.All
	c.Profiles = len(a.plan.Profiles)
	s := bundle.Summary{
		RunID: a.id, WorldID: a.world.ID, PlanID: a.plan.ID, Channel: a.channel,
		Status: t.Status(), Counts: c, Families: map[string]bundle.Counts{}, Notes: t.Notes,
	}
	perFamily := map[string]int{}
	for _, prof := range a.plan.Profiles {
		perFamily[prof.Family]++
	}
	for f, fc := range t.Families {
		fc.Profiles = perFamily[f]
		s.Families[f] = *fc
	}
	s.Headline = append(s.Headline, Headline(c))
	for _, reason := range slices.Sorted(maps.Keys(t.Reasons)) {
		s.Headline = append(s.Headline, fmt.Sprintf("%d × %s", t.Reasons[reason], reason))
	}
	for _, note := range t.Notes {
		s.Headline = append(s.Headline, note.String())
	}
	return s
}

// Headline is the run in one sentence.
func Headline(c bundle.Counts) string {
	s := fmt.Sprintf("%s: %d as expected, %s, %d without a decision", english.Count(c.Probes, "probe", "probes"), c.AsExpected, english.Count(c.Mismatches, "mismatch", "mismatches"), c.Undecided)
	if c.Skipped > 0 {
		s += fmt.Sprintf(", %d not possible here", c.Skipped)
	}
	return s
}

// manifest is the run manifest, without what the enforcement point and the plugins say.
func (a *about) manifest() bundle.Manifest {
	self := bundle.SelfCheck{Source: a.self.Source, Sandboxed: a.self.Sandboxed, Detail: a.self.String()}
	return bundle.Manifest{
		RunID: a.id, WorldID: a.world.ID, WorldPin: a.plan.World, OS: a.plan.OS, HrhostVersion: a.version,
		StartedAt: bundle.Time(a.started), FinishedAt: bundle.Time(time.Now()),
		Channel: a.channel, SealModes: sealModes(a.plan),
		Staging:          bundle.Staging{StageRoot: a.stage, StageUsed: a.stage != ""},
		SandboxCheckSelf: self, PlanID: a.plan.ID, PlanDigest: a.plan.Digest,
		Profiles: profileEntries(a.plan),
	}
}

func sealModes(p *plan.Plan) []string {
	modes := map[string]bool{}
	for _, p := range p.Profiles {
		modes[p.Seal] = true
	}
	return slices.Sorted(maps.Keys(modes))
}

func profileEntries(p *plan.Plan) []bundle.ProfileEntry {
	var out []bundle.ProfileEntry
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		e := bundle.ProfileEntry{ID: prof.ID, Family: prof.Family, Path: profilePath(prof), Digest: prof.Digest, SealMode: prof.Seal, Imports: []bundle.ProfileFile{}}
		for n, im := range prof.Imports {
			e.Imports = append(e.Imports, bundle.ProfileFile{Source: im.Path, Path: importPath(prof, n), Digest: im.Digest})
		}
		out = append(out, e)
	}
	return out
}

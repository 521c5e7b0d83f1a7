package run

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/english"
)

// prologue writes what is known before the first process: the plan, its
// profiles, the world, the expectations, and whether a policy can be applied.
func (r *runner) prologue() error {
	p := r.opts.Plan
	if err := r.file(bundle.PlanTOML, p.Source); err != nil {
		return err
	}
	if err := r.file(bundle.PlanResolved, p.Resolved()); err != nil {
		return err
	}
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		if err := r.file(profilePath(prof), prof.Text); err != nil {
			return err
		}
		for n, im := range prof.Imports {
			if err := r.file(importPath(prof, n), im.Text); err != nil {
				return err
			}
		}
	}
	if err := r.bundle.Document(bundle.World, r.world); err != nil {
		return err
	}
	if err := r.bundle.Document(bundle.ExpectedMatrixJSON, r.matrix()); err != nil {
		return err
	}
	if err := r.bundle.Document(bundle.Preflight, r.preflight()); err != nil {
		return err
	}
	return r.openOutputs()
}

func (r *runner) file(name string, text []byte) error {
	if bundle.SchemaOf(name) != "" {
		return r.bundle.Document(name, rawDocument(text))
	}
	f, err := r.bundle.File(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return f.Close()
}

func profilePath(prof *plan.Profile) string { return bundle.ProfilesDir + prof.ID + ".sb" }

// importPath is where the nth file of a profile's import closure stands. The
// number keeps files of one name apart.
func importPath(prof *plan.Profile, n int) string {
	return fmt.Sprintf("%s%s.imports/%d.sb", bundle.ProfilesDir, prof.ID, n+1)
}

func (r *runner) matrix() bundle.Matrix {
	m := bundle.Matrix{RunID: r.id, WorldID: r.world.ID, PlanDigest: r.opts.Plan.Digest, Profiles: map[string]bundle.MatrixProfile{}}
	for i := range r.opts.Plan.Profiles {
		prof := &r.opts.Plan.Profiles[i]
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

// finalDocuments writes the manifest and the summaries.
func (r *runner) finalDocuments() (bundle.Summary, error) {
	var sum bundle.Summary
	if err := r.err; err != nil {
		return sum, err
	}
	if err := r.bundle.Document(bundle.RunManifest, r.manifest()); err != nil {
		return sum, err
	}
	packets := map[string]any{"world_id": r.world.ID, "by_reason": r.tally.Reasons, "packets": total(r.tally.Reasons)}
	if err := r.bundle.Document(bundle.MismatchSummary, packets); err != nil {
		return sum, err
	}
	hypotheses := mismatch.Hypotheses(r.judge.Context, true, r.tally.Facts.Values, r.tally.Timings.Values)
	if err := r.bundle.Document(bundle.Hypotheses, hypotheses); err != nil {
		return sum, err
	}
	r.acquired = acquired(hypotheses)
	if len(r.swept) > 0 {
		if err := r.bundle.Document(bundle.SweepJSON, bundle.SweepDocument{RunID: r.id, WorldID: r.world.ID, Sweeps: r.swept}); err != nil {
			return sum, err
		}
	}
	sum = r.summary()
	sum.Headline = append(sum.Headline, hypothesisLines(hypotheses)...)
	for _, fault := range r.faults() {
		sum.Headline = append(sum.Headline, "plugin "+fault)
	}
	return sum, r.bundle.Document(bundle.SummaryJSON, sum)
}

// hypothesisLines tell how the hypotheses stand, family by family.
func hypothesisLines(doc mismatch.HypothesesDocument) (lines []string) {
	for _, h := range doc.Hypotheses {
		for _, f := range h.Families {
			pairs := ""
			if h.ID == "H1" {
				pairs = fmt.Sprintf(", %d pairs", len(f.Pairs))
			}
			lines = append(lines, fmt.Sprintf("hypothesis %s (%s), %s: %s%s; %s", strings.TrimPrefix(h.ID, "H"), h.Statement, f.Family, f.Status, pairs, f.Reason))
		}
	}
	return lines
}

// acquired is hypothesis 2 in one line, "" when nothing was held.
func acquired(doc mismatch.HypothesesDocument) string {
	var parts []string
	held := false
	for _, h := range doc.Hypotheses {
		if h.ID != "H2" {
			continue
		}
		for _, f := range h.Families {
			held = held || f.Acquisition != nil
			if s := f.InShort(); s != "" {
				parts = append(parts, s)
			}
		}
	}
	if !held {
		return ""
	}
	return "acquired before sealing, used after: " + strings.Join(parts, "; ")
}

func total(reasons map[string]int) (n int) {
	for _, c := range reasons {
		n += c
	}
	return n
}

func (r *runner) summary() bundle.Summary {
	c := r.tally.All
	c.Profiles = len(r.opts.Plan.Profiles)
	s := bundle.Summary{
		RunID: r.id, WorldID: r.world.ID, PlanID: r.opts.Plan.ID, Channel: r.opts.Channel,
		Status: r.tally.Status(), Counts: c, Families: map[string]bundle.Counts{}, Notes: r.tally.Notes,
	}
	perFamily := map[string]int{}
	for _, prof := range r.opts.Plan.Profiles {
		perFamily[prof.Family]++
	}
	for f, fc := range r.tally.Families {
		fc.Profiles = perFamily[f]
		s.Families[f] = *fc
	}
	s.Headline = append(s.Headline, Headline(c))
	for _, reason := range slices.Sorted(maps.Keys(r.tally.Reasons)) {
		s.Headline = append(s.Headline, fmt.Sprintf("%d × %s", r.tally.Reasons[reason], reason))
	}
	for _, note := range r.tally.Notes {
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

func (r *runner) manifest() bundle.Manifest {
	self := bundle.SelfCheck{Source: r.self.Source, Sandboxed: r.self.Sandboxed, Detail: r.self.String()}
	return bundle.Manifest{
		RunID: r.id, WorldID: r.world.ID, WorldPin: r.opts.Plan.World, OS: r.opts.Plan.OS, HrhostVersion: r.opts.Version,
		StartedAt: bundle.Time(r.started), FinishedAt: bundle.Time(time.Now()),
		Channel: r.opts.Channel, SealModes: r.sealModes(),
		Staging:          bundle.Staging{StageRoot: r.opts.Stage, StageUsed: r.opts.Stage != ""},
		SandboxCheckSelf: self, PlanID: r.opts.Plan.ID, PlanDigest: r.opts.Plan.Digest,
		Profiles: r.profileEntries(), Plugins: r.pluginEntries(),
		MediatedOperations: enforce.Names(r.host.Point.Covers()), SharedPolicyEngine: r.host.Point.Mechanism().SharedEngine,
		Hardening: factsOf(r.facts.Hardening), Containment: containmentOf(r.facts.Containment),
	}
}

func (r *runner) sealModes() []string {
	modes := map[string]bool{}
	for _, p := range r.opts.Plan.Profiles {
		modes[p.Seal] = true
	}
	return slices.Sorted(maps.Keys(modes))
}

func (r *runner) profileEntries() []bundle.ProfileEntry {
	var out []bundle.ProfileEntry
	for i := range r.opts.Plan.Profiles {
		prof := &r.opts.Plan.Profiles[i]
		e := bundle.ProfileEntry{ID: prof.ID, Family: prof.Family, Path: profilePath(prof), Digest: prof.Digest, SealMode: prof.Seal, Imports: []bundle.ProfileFile{}, CompiledDigest: r.compiledDigest(prof)}
		for n, im := range prof.Imports {
			e.Imports = append(e.Imports, bundle.ProfileFile{Source: im.Path, Path: importPath(prof, n), Digest: im.Digest})
		}
		out = append(out, e)
	}
	return out
}

func (r *runner) pluginEntries() []bundle.PluginEntry {
	var out []bundle.PluginEntry
	for family, pl := range r.plugins {
		e := bundle.PluginEntry{
			Family: family, Path: filepath.Base(pl.path), Version: pl.version, Protocol: pl.protocol,
			CodeSigning: pl.signatures(), Faults: pl.faults.Values,
		}
		if pl.binary != nil {
			e.Digest = pl.binary.Digest
		}
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Family < out[j].Family })
	return out
}

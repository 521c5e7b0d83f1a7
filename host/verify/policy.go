package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// What the witness and the sbpl-model oracle said is decided anew, by the profiles
// that the bundle holds. A profile is hostile like the rest: it reads no file but
// those that the manifest lists for it, all profiles together take no more to be
// compiled than those of a plan may ([plan.Most]), and the rows get so much work to be
// decided.
const (
	maxWork = 2_000_000_000 // and as much for each row:
	rowWork = 1_000_000
)

// errGated is the answer about a profile that the system lets nobody apply, and that
// the evaluator does not know.
var errGated = errors.New("the evaluator does not know this profile")

// reviewer decides anew.
type reviewer struct {
	b         *opened
	policies  map[string]*sbpl.Policy         // by profile; nil: not to be had
	entries   map[string]*bundle.ProfileEntry // of the manifest
	compiled  map[string]compiled             // by what it follows from, [plan.Profile.Compiled]
	compiling sbpl.Effort                     // so far
	deciding  int                             // work so far
	decided   int                             // rows
	left      int                             // rows that hold too little
	differ    []difference                    // verdicts of the witness, not yet excused or found
	admitted  map[string]bool                 // profiles of which the bundle says that the witness disagrees
	excused   int                             // differing verdicts under such a profile
}

func newReviewer(b *opened) *reviewer {
	return &reviewer{
		b: b, policies: map[string]*sbpl.Policy{}, compiled: map[string]compiled{}, admitted: map[string]bool{},
		entries: firstBy(b.manifest.Profiles, func(e *bundle.ProfileEntry) string { return e.ID }),
	}
}

// compiled is what became of compiling a text, for all profiles that have it.
type compiled struct {
	policy *sbpl.Policy
	err    error
}

// policy is a profile of the bundle, compiled when it is first asked for. known is
// false when there is none to ask, which is then found.
func (r *reviewer) policy(id string, found *findings) (p *sbpl.Policy, known bool) {
	if p, seen := r.policies[id]; seen {
		return p, p != nil || r.gated(id) != ""
	}
	p = r.compile(id, found)
	r.policies[id] = p
	return p, p != nil || r.gated(id) != ""
}

// gated is why the system lets nobody apply a profile. The evaluator need not know
// such a one.
func (r *reviewer) gated(id string) string {
	if p := r.b.resolved.profile(id); p != nil && r.b.resolved.OS == plan.MacOS {
		return p.Gate
	}
	return ""
}

func (r *reviewer) compile(id string, found *findings) *sbpl.Policy {
	resolved := r.b.resolved.profile(id)
	entry := r.entries[id]
	if resolved == nil || entry == nil {
		found.add("policy", "profile_missing", bundle.RunManifest,
			"there is no profile %q to decide by", text.Brief(id))
		return nil
	}
	// Its digest is the file's, or something else was found.
	prof := &plan.Profile{Source: resolved.Source, File: resolved.File, Params: resolved.Params, Digest: entry.Digest}
	for _, im := range entry.Imports {
		prof.Imports = append(prof.Imports, plan.Import{Path: im.Source, Digest: im.Digest})
	}
	compiled := prof.Compiled()
	p, known := r.compiled[compiled]
	if !known {
		if plan.Exceeds(r.compiling) {
			found.add("policy", "compile_bound", entry.Path,
				"the profiles take too much to be compiled: profile %q was not", text.Brief(id))
			return nil
		}
		p = r.compileAs(prof, entry)
		r.compiled[compiled] = p
	}
	if p.err != nil && r.gated(id) == "" {
		found.add("policy", "profile_invalid", entry.Path,
			"profile %q does not compile: %s", text.Brief(id), text.Brief(p.err.Error()))
	}
	return p.policy
}

// compileAs compiles a text that no other profile had before.
func (r *reviewer) compileAs(prof *plan.Profile, entry *bundle.ProfileEntry) (p compiled) {
	opts, took := plan.CompileOptions(r.b.resolved.OS, r.b.resolved.Release, prof), sbpl.Effort{}
	opts.ReadFile, opts.Took = imports(r.b.root, *entry), &took
	text, err := r.b.root.ReadFile(entry.Path)
	if p.err = err; err == nil {
		p.policy, p.err = compileBounded(text, opts)
	}
	spent := &r.compiling
	spent.Steps, spent.Memory = spent.Steps+took.Steps, spent.Memory+took.Memory
	return p
}

// compileBounded is [sbpl.Compile], of which no text should make a panic.
func compileBounded(text []byte, opts sbpl.Options) (p *sbpl.Policy, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			p, err = nil, fmt.Errorf("BUG(sbpl): %v", fault)
		}
	}()
	return sbpl.Compile(text, opts)
}

// imports reads what a profile imports from the bundle, whatever is on this disk.
func imports(root *bundle.Root, entry bundle.ProfileEntry) func(string) ([]byte, error) {
	files := map[string]func() ([]byte, error){}
	for _, im := range entry.Imports {
		if _, twice := files[im.Source]; im.Path != "" && !twice {
			files[im.Source] = sync.OnceValues(func() ([]byte, error) { return root.ReadFile(im.Path) })
		}
	}
	return func(path string) ([]byte, error) {
		if read, ok := files[enforce.Mended(path)]; ok { // as the manifest can name it
			return read() // once, however often it is imported
		}
		return nil, fs.ErrNotExist
	}
}

// decide asks a policy. ok is false when the rows' work is spent.
func (r *reviewer) decide(p *sbpl.Policy, q sbpl.Query, found *findings) (d sbpl.Decision, ok bool) {
	r.decided++
	most := maxWork + rowWork*r.decided
	if r.deciding > most {
		return d, false
	}
	defer func() {
		if fault := recover(); fault != nil {
			d, ok = sbpl.Decision{Err: fmt.Errorf("BUG(sbpl): %v", fault)}, true
		}
	}()
	q.Spend = func(work int) bool {
		r.deciding += work
		return r.deciding <= most
	}
	if d = p.Decide(q); r.deciding > most {
		r.deciding = math.MaxInt
		found.add("policy", "decide_bound", bundle.ProfilesDir,
			"the rows take too much work to be decided anew: the rest was not")
		return d, false
	}
	return d, true
}

// answered is a decision as a document has it. In documents of version 1 a default and
// a rule of the system stand at the profile's (version N).
func (b *opened) answered(name string, p *sbpl.Policy, d *sbpl.Decision) (string, *lane.RuleRef) {
	got, rule := enforce.Predicted(d)
	if rule != nil && (rule.Default || rule.Implicit) && p != nil && b.version(name) < 2 {
		at := p.Version()
		rule.File, rule.Line, rule.Col = enforce.Mended(at.File), at.Line, at.Col
	}
	return got, rule
}

// witness holds a verdict of the witness against the profile that was in force.
func (r *reviewer) witness(n int, row *lane.WitnessRow) (found findings) {
	if r.b.manifest.OS != plan.Linux && row.Rule == nil || row.Epoch < 1 {
		return found // the system's own word, or nobody's
	}
	said := enforce.Claimed(row)
	if said == "" {
		return found
	}
	if why := enforce.Unfit(row); why != "" {
		found.add("policy", "witness_row_incomplete", bundle.WitnessEvents,
			"row %d: %s %q: %s", n, text.Brief(row.Operation), text.Brief(row.Filter.Value), why)
		return found
	}
	p, known := r.policy(row.ProfileID, &found)
	if !known {
		return found
	}
	d := sbpl.Decision{Err: errGated}
	if p != nil {
		var ok bool
		if d, ok = r.decide(p, enforce.Asked(row), &found); !ok {
			return found
		}
	}
	got, rule := r.b.answered(bundle.WitnessEvents, p, &d)
	if got == sbpl.Unknown.String() && said != got && r.b.resolved.Release == "" && slices.Equal(d.Missing, []string{"signal-number"}) {
		r.decided--
		r.left++ // as rows were before plan.resolved.json had a release
		return found
	}
	if row.By == lane.ByContainment { // it names no rule
		rule = nil
	}
	if row.SendSignal != 0 && !enforce.Signals(d.Modifiers) {
		found.add("policy", "signal_without_rule", bundle.WitnessEvents,
			"row %d: %s %q: no rule of profile %q sends a signal here", n,
			text.Brief(row.Operation), text.Brief(row.Filter.Value), text.Brief(row.ProfileID))
	}
	if what := differs(n, "", row.Context, verdictBy{said, row.Rule}, verdictBy{got, rule}); what != "" {
		if len(r.differ) == maxDiffer {
			found.add("policy", "verdict_not_profiles", bundle.WitnessEvents, "%s", what)
			return found
		}
		r.differ = append(r.differ, difference{row.ProfileID, what})
	}
	return found
}

// oracle makes a prediction of the sbpl-model oracle anew.
func (r *reviewer) oracle(n int, t *tally, row *lane.OracleRow) (found findings) {
	if row.Source != lane.SBPLModel {
		return found
	}
	if row.Filter != t.Filter && t.entry == nil || t.entry != nil && !t.entry.names(row.Filter) {
		found.add("policy", "prediction_target", bundle.OracleResults,
			"row %d: what it predicts of is not the target of %q", n, text.Brief(row.ExpectationID))
		return found
	}
	if d, ok := r.predict(t, row.Filter.Value, &found); ok {
		got, rule := r.b.answered(bundle.OracleResults, r.policies[t.profile], &d)
		if what := differs(n, "the prediction of ", row.Context, verdictBy{row.Prediction, row.Rule}, verdictBy{got, rule}); what != "" {
			found.add("policy", "prediction_not_profiles", bundle.OracleResults, "%s", what)
		}
		if !slices.Equal(row.Missing, d.Missing) {
			found.add("policy", "prediction_facts", bundle.OracleResults,
				"row %d: the facts that are missing are not those that the profile misses", n)
		}
	}
	return found
}

// model holds a decision whose rule is the oracle's against the profile.
func (r *reviewer) model(n int, t *tally, row *lane.RuntimeRow) (found findings) {
	if row.Decision.RuleSource != lane.SBPLModel {
		return found
	}
	target := t.Target
	if t.entry != nil {
		target = t.entry.target(row)
	}
	if d, ok := r.predict(t, target, &found); ok {
		got, rule := r.b.answered(bundle.RuntimeResults, r.policies[t.profile], &d)
		if what := differs(n, "", row.Context, verdictBy{verdictOf(row.Decision.Verdict), row.Decision.PolicyRule}, verdictBy{got, rule}); what != "" {
			found.add("policy", "decision_not_profiles", bundle.RuntimeResults, "%s", what)
		}
	}
	return found
}

// predict is what the profile says of what an expectation is about.
func (r *reviewer) predict(t *tally, target string, found *findings) (d sbpl.Decision, ok bool) {
	p, known := r.policy(t.profile, found)
	switch {
	case !known:
		return d, false
	case p == nil:
		return sbpl.Decision{Err: errGated}, true
	}
	filter := t.Filter.Name
	if t.entry != nil {
		filter = t.entry.Sweep.Filter
	}
	return r.decide(p, enforce.Planned(t.Operation, filter, target, t.sealed(target)), found)
}

// sealed is the number of the process that attempted an expectation. Of a sweep's
// target it is known only whether that is it.
func (t *tally) sealed(target string) int {
	switch {
	case t.entry != nil && t.entry.is(itself):
		number, _ := strings.CutPrefix(target, "pid:")
		pid, _ := strconv.Atoi(number)
		return pid
	case t.entry == nil && len(t.rows) > 0 && t.rows[0].PID != 0:
		return t.rows[0].PID
	}
	return enforce.Nobody
}

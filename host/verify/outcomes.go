package verify

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// outcomes counts the runtime rows.
type outcomes struct {
	rows     bundle.Counts // attempts and decisions
	reached  bool          // some attempt reached its operation
	families map[string]*familyTally
}

// newOutcomes has the families of the matrix, without a row.
func newOutcomes(matrix bundle.Matrix) *outcomes {
	o := &outcomes{families: map[string]*familyTally{}}
	for _, p := range matrix.Profiles {
		fam := o.families[p.Family]
		if fam == nil {
			fam = &familyTally{skipped: true}
			o.families[p.Family] = fam
		}
		fam.skipped = fam.skipped && p.Sweep == nil
		for _, e := range p.Probes {
			fam.skipped = fam.skipped && e.Skipped
		}
	}
	return o
}

// count counts a runtime row for the summary and for promotability.
func (o *outcomes) count(t *tally, row lane.RuntimeRow) {
	fam := o.families[t.family]
	said := ""
	o.rows.Attempts++
	switch v := row.Decision.Verdict; {
	case v == nil:
		o.rows.None++
	case *v == lane.Allow:
		o.rows.Allow++
		said = "allow"
	default:
		o.rows.Deny++
		said = "deny"
	}
	t.decisionSaid(said)
	o.reached = o.reached || row.Decision.ReachedPrimaryOp
	if t.entry != nil && said == "" {
		t.entry.undecided(row.Decision.Reason)
	}
	if said != "" && (row.Stage == lane.StageOperation || row.Stage == lane.StageEffect) {
		fam.decided++
	}
	unended := row.End != lane.Returned || row.State != lane.Done
	if unended && said == "" && !t.Skipped && row.RuntimeStatus != "unsupported" && fam.unended == "" {
		fam.unended = row.ExpectationID + " " + row.RuntimeStatus
	}
}

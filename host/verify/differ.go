package verify

import (
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
)

// difference is a verdict of the witness that is not the profile's.
type difference struct {
	profile, what string
}

// maxDiffer bounds what is kept of a hostile bundle.
const maxDiffer = 10_000

// admits are the packets in which a bundle itself says that its enforcement point is
// not to be believed.
var admits = []lane.Reason{lane.OracleDisagreement, lane.CapturePipelineDisagreement, lane.EffectNotObserved}

// excuse finds each verdict of the witness that is not the profile's, unless the
// bundle says of that profile that its enforcement point did otherwise: then it is
// evidence of a broken enforcement point, and not made up. It is not promotable.
func (r *reviewer) excuse() (found findings) {
	for _, d := range r.differ {
		if r.admitted[d.profile] {
			r.excused++
			continue
		}
		found.add("policy", "verdict_not_profiles", bundle.WitnessEvents, "%s", d.what)
	}
	return found
}

// verdictBy is a verdict and the rule that gave it.
type verdictBy struct {
	verdict string
	rule    *lane.RuleRef
}

func (v verdictBy) String() string {
	if v.rule == nil {
		return text.Brief(v.verdict)
	}
	return text.Brief(v.verdict) + ", by " + text.Brief(v.rule.Place()) + " " + text.Brief(v.rule.Text)
}

// differs says how a row, or what it has, and the profile differ, "" when they do not.
func differs(n int, what string, x lane.Context, said, got verdictBy) string {
	if said.verdict == got.verdict && sameRule(said.rule, got.rule) {
		return ""
	}
	return fmt.Sprintf("row %d: %s%s %q under profile %q is %s; the profile says %s", n, what,
		text.Brief(x.Operation), text.Brief(x.Filter.Value), text.Brief(x.ProfileID), said, got)
}

func sameRule(a, b *lane.RuleRef) bool {
	if a == nil || b == nil {
		return a == b
	}
	return keyOf(a) == keyOf(b) && a.Implicit == b.Implicit && a.Unverified == b.Unverified && slices.Equal(a.Walk, b.Walk)
}

package verify

import (
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
)

// The documents of rows, one function each: every row is read once, and each check
// that it concerns sees it in turn.

// baselineRows counts the rows of the baseline lane.
func baselineRows(r *rows) findings {
	return eachRow(r.b, bundle.BaselineResults, func(n int, row lane.BaselineRow) findings {
		t, found := r.about(bundle.BaselineResults, n, row.Context)
		if t == nil {
			return found
		}
		found.join(r.order.follows(bundle.BaselineResults, n, r.order.place(t, 0)))
		found.join(t.countBaseline(n))
		if t.entry == nil && t.base == nil {
			row.Result.Value, row.Detail, row.Path = "", "", nil
			t.base = &row
		}
		return found
	})
}

// witnessRows remembers the verdicts by policy, and decides them again. A row outside
// every attempt is about no expectation.
func witnessRows(r *rows, wit *witnessed, review *reviewer) findings {
	return eachRow(r.b, bundle.WitnessEvents, func(n int, row lane.WitnessRow) findings {
		found := r.ids.origin(bundle.WitnessEvents, n, row.Context)
		found.join(r.order.witness(n, &row))
		found.join(witnessRow(n, &row, r.b.matrix.Profiles[row.ProfileID]))
		found.join(review.witness(n, &row))
		if row.ExpectationID == "" {
			return found
		}
		t := r.exp.find(row.ExpectationID)
		if t == nil {
			found.add("accounting", "expectation_unknown", bundle.WitnessEvents,
				"row %d: expectation %q is not in the matrix", n, text.Brief(row.ExpectationID))
			return found
		}
		if row.ProfileID != t.profile || row.ProbeName != t.Name || row.Arm != t.Arm || row.Attempt > t.Attempts {
			found.add("identity", "witness_attempt", bundle.WitnessEvents,
				"row %d: profile, probe, arm or attempt is not one of %q", n, text.Brief(row.ExpectationID))
		}
		wit.row(t, &row)
		return found
	})
}

// runtimeRows accounts for the attempts and compares each decision with the witness
// and the profile.
func runtimeRows(r *rows, wit *witnessed, review *reviewer, events *flatEvents, ev *evidence) findings {
	return eachRow(r.b, bundle.RuntimeResults, func(n int, row lane.RuntimeRow) findings {
		t, found := r.about(bundle.RuntimeResults, n, row.Context)
		if t == nil {
			return found
		}
		if !t.firstAttempt(row.Attempt) {
			found.add("accounting", "attempt_twice", bundle.RuntimeResults,
				"row %d: attempt %d of %q is there twice", n, row.Attempt, text.Brief(row.ExpectationID))
			return found
		}
		found.join(r.order.follows(bundle.RuntimeResults, n, r.order.place(t, row.Attempt)))
		ev.outcomes.count(t, row)
		if t.entry != nil {
			t.entry.result.Count(row.Decision, t.Name)
			t.entry.attempted(&row)
		} else {
			t.keep(row)
		}
		events.restate(t, row)
		ev.claims.row(&row, wit.of(t, row.Context))
		found.join(wit.sound(n, t, row))
		found.join(review.model(n, t, &row))
		return found
	})
}

// eventRows compares the flat events with the runtime rows that they restate.
func eventRows(r *rows, events *flatEvents) findings {
	return eachRow(r.b, bundle.RuntimeEvents, func(n int, row bundle.Event) findings {
		t, found := r.about(bundle.RuntimeEvents, n, row.Context)
		if t == nil {
			return found
		}
		found.join(r.order.follows(bundle.RuntimeEvents, n, r.order.place(t, row.Attempt)))
		found.join(events.row(n, t, row))
		return found
	})
}

// oracleRows counts the predictions, and makes those of the evaluator again.
func oracleRows(r *rows, review *reviewer, tally *oracleTally) findings {
	return eachRow(r.b, bundle.OracleResults, func(n int, row lane.OracleRow) findings {
		t, found := r.about(bundle.OracleResults, n, row.Context)
		if t == nil {
			return found
		}
		found.join(r.order.follows(bundle.OracleResults, n, r.order.place(t, predictedBy(row.Source))))
		found.join(review.oracle(n, t, &row))
		if twice := t.predicted(&row); twice {
			found.add("accounting", "prediction_twice", bundle.OracleResults,
				"row %d: a second prediction of %q by %s", n, text.Brief(row.ExpectationID), text.Brief(row.Source))
		}
		if row.Source == lane.SBPLModel && row.SharedPolicyEngine != r.b.manifest.SharedPolicyEngine {
			found.add("identity", "shared_engine", bundle.OracleResults,
				"row %d: shared_policy_engine is not the manifest's", n)
		}
		tally.count(&row)
		return found
	})
}

// packetRows compares the mismatch packets with the rows. A packet may admit that the
// enforcement point disagreed with the profile.
func packetRows(r *rows, packets *packetTally, review *reviewer) findings {
	return eachRow(r.b, bundle.MismatchPackets, func(n int, p packetHead) (found findings) {
		packets.count(&p)
		t := r.exp.find(p.ExpectationID)
		if t == nil {
			found.add("packets", "expectation_unknown", bundle.MismatchPackets,
				"line %d: expectation %q is not in the matrix", n, text.Brief(p.ExpectationID))
			return found
		}
		found.join(r.order.follows(bundle.MismatchPackets, n, r.order.place(t, 0)))
		if slices.Contains(admits, p.Reason) {
			review.admitted[t.profile] = true
		}
		found.join(packet(n, t, &p, &r.b.manifest))
		return found
	})
}

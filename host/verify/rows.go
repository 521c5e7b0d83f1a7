package verify

import (
	"encoding/json"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// evidence is what the rows of a bundle come to: the values by which it may be
// promoted.
type evidence struct {
	expectations int
	outcomes     *outcomes
	review       *reviewer
	claims       claims
	oracle       oracleTally
}

// crossReferences reads each document of rows once, in the order in which later ones
// need earlier ones, and compares them with the plan and each other.
func crossReferences(b *opened) (ev evidence, found findings) {
	found = plannedFiles(b)
	exp, wrong := newExpectations(b.matrix)
	found.join(wrong)
	if b.has(bundle.PlanResolved) {
		found.join(matrixIsPlan(b.matrix, &b.resolved))
		found.join(planAnew(b.root, b.version(bundle.PlanResolved)))
	}
	found.join(exp.readTargets(b))

	r := &rows{b: b, exp: exp, ids: newIdentities(&b.manifest), order: newOrdering(b)}
	wit, events, review, packets := newWitnessed(b), newFlatEvents(), newReviewer(b), newPacketTally()
	ev = evidence{outcomes: newOutcomes(b.matrix), review: review}
	found.join(baselineRows(r))
	found.join(witnessRows(r, wit, review))
	found.join(runtimeRows(r, wit, review, events, &ev))
	found.join(eventRows(r, events))
	found.join(oracleRows(r, review, &ev.oracle))
	found.join(packetRows(r, packets, review))

	found.join(exp.accounted())
	found.join(exp.accountedTargets())
	found.join(exp.sweeps(&b.swept))
	skipped, wrong := exp.judged(packets)
	found.join(wrong)
	found.join(review.excuse())
	if b.has(bundle.RuntimeEvents) {
		found.join(events.left())
	}
	if b.has(bundle.SummaryJSON) {
		found.join(counts(&b.summary, ev.outcomes, packets, bundle.Counts{Probes: exp.count(), Skipped: skipped}))
		found.join(packets.check(&b.packets))
	}
	if b.version(bundle.SummaryJSON) >= 2 {
		found.join(notes(exp.planned, &b.resolved, b.summary.Notes))
	}
	ev.expectations = exp.count()
	return ev, found
}

// rows is what every document of rows is read by: whose row it is, which expectation
// it is about, and where it belongs.
type rows struct {
	b     *opened
	exp   *expectations
	ids   *identities
	order *ordering
}

// about checks a row's identity and returns its expectation, nil for none.
func (r *rows) about(name string, n int, x lane.Context) (*tally, findings) {
	return r.ids.context(r.exp, name, n, x)
}

// eachRow streams one document of rows: schema, then f.
func eachRow[T any](b *opened, name string, f func(n int, row T) findings) (found findings) {
	if !b.has(name) {
		return found
	}
	file, err := b.root.Open(name)
	if err != nil {
		found.add("files", "unreadable", name, "%v", err)
		return found
	}
	defer file.Close()
	decode := json.Unmarshal
	if name == bundle.MismatchPackets { // whose rows alone may have other members
		decode = unmarshal
	}
	p := batch[T]{name: name, version: b.version(name), decode: decode, take: func(r *checkedRow[T]) {
		if r.err != nil {
			found.add("schema", "row_schema_violation", name, "row %d: %v", r.n, r.err)
			return
		}
		found.join(f(r.n, r.row))
	}}
	head, err := bundle.StreamRows(name, file, p.add)
	p.flush()
	if err != nil {
		found.add("schema", "rows_invalid", name, "%v", err)
		return found
	}
	if isArray(name) {
		if err := b.validate(name, head); err != nil {
			found.add("schema", "schema_violation", name, "%v", err)
		}
		found.join(b.sameRun(name, head))
	}
	return found
}

// isArray reports whether a document is one object that has the rows in it.
func isArray(name string) bool {
	d, _ := bundle.DocumentOf(name)
	return d.Shape == bundle.Array
}

// noEvidence is that of a bundle whose rows were not read.
func noEvidence(b *opened) *evidence {
	return &evidence{outcomes: newOutcomes(b.matrix), review: newReviewer(b)}
}

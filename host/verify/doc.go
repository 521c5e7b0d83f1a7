// Package verify judges a bundle that somebody else may have written.
//
// [Bundle] reads a bundle as untrusted input: digests, files listed and present,
// schemas, cross-references, the decisions of the bundled profiles when they are
// evaluated again, and whether the run may be promoted. It writes nothing and
// reports every finding with the file it is about. One checker goes through a
// bundle, in files named after what they compare:
//
//	files, docs, names    index and digests; schemas; names of fields
//	manifest, toml, resolved, plan
//	                      plan.toml, the plan, the manifest, the matrix, each by the other
//	rows                  every row by its expectation, lane after lane
//	witness, events, predicted, sweep
//	                      decisions by the witness, flat events, predictions, sweeps
//	policy, differ        decisions and predictions by the bundled profiles
//	expect                expectations by decisions, packets and counts by both
//	promote               whether the run may be promoted
package verify

// Package verify judges a bundle that somebody else may have written.
//
// [Bundle] reads a bundle as untrusted input and reports every finding with the file
// it is about. It writes nothing. A check is a function that takes the documents or
// rows that it compares and returns findings:
//
//	opened, files, docs, names     the bundle: index and digests; schemas; names of fields
//	manifest, toml, resolved, plan plan.toml, the plan, the manifest, the matrix, each by the other
//	rows, lanes                    reads each document of rows once, and shows a row to its checks
//	order                          rows in the order of the plan
//	witness                        decisions by the witness
//	events, predicted, sweep       flat events, predictions, sweeps
//	policy, differ                 decisions and predictions by the bundled profiles
//	outcomes, expect, notes        expectations by decisions; packets, counts and notes by both
//	promote                        whether the run may be promoted
//
// What a check learns of one document for a later one is a value with its own type:
// expectations, witnessed, flatEvents, reviewer, packetTally, outcomes, claims.
package verify

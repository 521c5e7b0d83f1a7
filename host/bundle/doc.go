// Package bundle writes the evidence of one run and checks it again later.
//
// A bundle is a directory of documents, named out/runs/<run_id>. A [Writer]
// fills <run_id>.partial; rows go to disk as they come, so memory does not grow
// with the plan. [Writer.Commit] writes artifact_index.json last, as the commit
// barrier, and renames the directory. A directory with its final name is
// complete and is never touched again.
//
// [Verify] reads a bundle as untrusted input: digests, files listed and present,
// schemas, cross-references, what the bundled profiles say when they are evaluated
// anew, and whether the run may be promoted. It writes nothing and reports every
// finding with the file it is about. One checker goes through a bundle, in files
// named after what is held against what:
//
//	verify_files, verify_docs, verify_names   index and digests; schemas; names of fields
//	verify_manifest, verify_toml, verify_resolved, verify_plan
//	                                          plan.toml, the plan, the manifest, the matrix, each by the other
//	verify_rows                               every row by its expectation, lane after lane
//	verify_witness, verify_events, verify_predicted, verify_sweep
//	                                          decisions by the witness, flat events, predictions, sweeps
//	verify_policy, verify_differ              what was decided and predicted by the bundled profiles, anew
//	verify_expect                             expectations by decisions, packets and counts by both
//	promote                                   whether the run may be promoted
package bundle

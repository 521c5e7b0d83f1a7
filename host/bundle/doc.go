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
// finding with the file it is about.
package bundle

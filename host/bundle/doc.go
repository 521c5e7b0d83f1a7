// Package bundle writes the evidence of one run, and reads it back.
//
// A bundle is a directory of documents, named out/runs/<run_id>. A [Writer]
// fills <run_id>.partial; rows go to disk as they come, so memory does not grow
// with the plan. [Writer.Commit] writes artifact_index.json last, as the commit
// barrier, and renames the directory. A directory with its final name is
// complete and is never touched again.
//
// A [Root] reads the files of a bundle as untrusted input: [Root.ReadFile] and
// [StreamRows] bound their size, [CheckJSON] refuses text that two readers could
// understand differently, [ValidateDocument] and [ValidateRow] hold it to its schema.
// Whether the documents agree with each other is judged in host/verify.
package bundle

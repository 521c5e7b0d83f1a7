package verify

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/world"
)

// opened is a bundle with its whole documents, each read once. Checks take from it
// the documents that they compare. A document that is missing or does not decode is
// its zero value here, and a finding of its own.
type opened struct {
	root   *bundle.Root
	index  bundle.Index
	digest string                       // of the index, RFC 8785
	listed map[string]bundle.IndexEntry // by path; nil without a usable index

	manifest  bundle.Manifest
	matrix    bundle.Matrix
	resolved  resolvedPlan
	world     world.World
	preflight bundle.ApplyPreflight
	status    bundle.RunStatus
	summary   bundle.Summary
	packets   packetSummary
	swept     bundle.SweepDocument
}

// has reports whether the index lists a document.
func (b *opened) has(name string) bool {
	_, ok := b.listed[name]
	return ok
}

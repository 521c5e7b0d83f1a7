package verify

import (
	"encoding/json"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/text"
)

// documents holds the whole JSON documents against their schemas and reads
// those that the cross-references need. Documents of rows come later.
func (b *opened) documents() (found findings) {
	found.join(b.document(bundle.RunManifest, &b.manifest))
	found.join(b.document(bundle.ExpectedMatrixJSON, &b.matrix))
	found.join(b.document(bundle.Preflight, &b.preflight))
	found.join(b.document(bundle.RunStatusJSON, &b.status))
	found.join(b.document(bundle.SummaryJSON, &b.summary))
	found.join(b.document(bundle.PlanResolved, &b.resolved))
	found.join(b.document(bundle.MismatchSummary, &b.packets))
	found.join(b.document(bundle.World, &b.world))
	found.join(b.document(bundle.Hypotheses, nil))
	found.join(b.identity(bundle.ArtifactIndex, b.index.RunID, b.index.WorldID))
	found.join(manifested(&b.manifest, &b.resolved, &b.world, &b.summary))
	switch b.status.State {
	case bundle.Complete, bundle.Interrupted, bundle.Failed:
	default:
		found.add("status", "unfinished", bundle.RunStatusJSON, "state is %q in a finished bundle", b.status.State)
	}
	return found
}

// document reads one JSON document, checks schema and identity, and decodes it
// into v when v is not nil. A document that is not listed is skipped: its
// absence is found elsewhere.
func (b *opened) document(name string, v any) (found findings) {
	if _, ok := b.listed[name]; !ok {
		return found
	}
	text, err := b.root.ReadFile(name)
	if err != nil {
		found.add("files", "unreadable", name, "%v", err)
		return found
	}
	if err := bundle.CheckJSON(text); err != nil {
		found.add("schema", "not_json", name, "%v", err)
		return found
	}
	if err := b.validate(name, text); err != nil {
		found.add("schema", "schema_violation", name, "%v", err)
	}
	if v != nil {
		if err := unmarshal(text, v); err != nil {
			found.add("schema", "not_decodable", name, "%v", err)
		}
	}
	found.join(b.sameRun(name, text))
	return found
}

// sameRun checks that a document belongs to the manifest's run and world, and is of
// the version that the index lists.
func (b *opened) sameRun(name string, document []byte) (found findings) {
	var head struct {
		SchemaVersion string  `json:"schema_version"`
		RunID         string  `json:"run_id"`
		WorldID       *string `json:"world_id"`
	}
	if json.Unmarshal(document, &head) != nil {
		return found
	}
	if listed := b.listed[name].SchemaVersion; listed != nil && *listed != head.SchemaVersion {
		found.add("schema", "version_not_index", name,
			"schema version is %q, in the index %q", text.Brief(head.SchemaVersion), text.Brief(*listed))
	}
	if head.WorldID == nil { // a few documents carry none; their schemas say which
		head.WorldID = &b.manifest.WorldID
	}
	found.join(b.identity(name, head.RunID, *head.WorldID))
	return found
}

// identity compares ids with the manifest's.
func (b *opened) identity(name, runID, worldID string) (found findings) {
	if runID != b.manifest.RunID {
		found.add("identity", "run_id", name,
			"run_id is %q, the manifest's is %q", text.Brief(runID), text.Brief(b.manifest.RunID))
	}
	if worldID != b.manifest.WorldID {
		found.add("identity", "world_id", name,
			"world_id is %q, the manifest's is %q", text.Brief(worldID), text.Brief(b.manifest.WorldID))
	}
	return found
}

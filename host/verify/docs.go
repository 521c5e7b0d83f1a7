package verify

import (
	"encoding/json"

	"github.com/hrhost/hrhost/host/bundle"
)

// documents holds the whole JSON documents against their schemas and reads
// those that the cross-references need. Documents of rows come later.
func (c *checker) documents() {
	c.document(bundle.RunManifest, &c.manifest)
	c.document(bundle.ExpectedMatrixJSON, &c.matrix)
	c.document(bundle.Preflight, &c.preflight)
	c.document(bundle.RunStatusJSON, &c.status)
	c.document(bundle.SummaryJSON, &c.summary)
	c.document(bundle.PlanResolved, &c.resolved)
	c.document(bundle.MismatchSummary, &c.packets.Summary)
	c.document(bundle.World, &c.world)
	c.document(bundle.Hypotheses, nil)
	c.identity(bundle.ArtifactIndex, c.report.RunID, c.report.WorldID)
	c.manifested()
	switch c.status.State {
	case bundle.Complete, bundle.Interrupted, bundle.Failed:
	default:
		c.find("status", bundle.RunStatusJSON, "state is %q in a finished bundle", c.status.State)
	}
}

// document reads one JSON document, checks schema and identity, and decodes it
// into v when v is not nil. A document that is not listed is skipped: its
// absence is found elsewhere.
func (c *checker) document(name string, v any) {
	if _, ok := c.listed[name]; !ok {
		return
	}
	text, err := c.root.ReadFile(name)
	if err != nil {
		c.find("files", name, "%v", err)
		return
	}
	if err := bundle.CheckJSON(text); err != nil {
		c.find("schema", name, "%v", err)
		return
	}
	if err := c.validate(name, text); err != nil {
		c.find("schema", name, "%v", err)
	}
	if v != nil {
		if err := unmarshal(text, v); err != nil {
			c.find("schema", name, "%v", err)
		}
	}
	c.sameRun(name, text)
}

// sameRun checks that a document belongs to the manifest's run and world, and is of
// the version that the index lists.
func (c *checker) sameRun(name string, text []byte) {
	var head struct {
		SchemaVersion string  `json:"schema_version"`
		RunID         string  `json:"run_id"`
		WorldID       *string `json:"world_id"`
	}
	if json.Unmarshal(text, &head) != nil {
		return
	}
	if listed := c.listed[name].SchemaVersion; listed != nil && *listed != head.SchemaVersion {
		c.find("schema", name, "schema version is %q, in the index %q", clip(head.SchemaVersion), clip(*listed))
	}
	if head.WorldID == nil { // a few documents carry none; their schemas say which
		head.WorldID = &c.manifest.WorldID
	}
	c.identity(name, head.RunID, *head.WorldID)
}

// identity compares ids with the manifest's.
func (c *checker) identity(name, runID, worldID string) {
	if runID != c.manifest.RunID {
		c.find("identity", name, "run_id is %q, the manifest's is %q", clip(runID), clip(c.manifest.RunID))
	}
	if worldID != c.manifest.WorldID {
		c.find("identity", name, "world_id is %q, the manifest's is %q", clip(worldID), clip(c.manifest.WorldID))
	}
}

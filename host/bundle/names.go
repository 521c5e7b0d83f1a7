package bundle

import (
	"path"
	"strings"
)

// Names of the documents of a bundle.
const (
	RunManifest        = "run_manifest.json"
	World              = "world.json"
	PlanTOML           = "plan.toml"
	PlanResolved       = "plan.resolved.json"
	ProfilesDir        = "profiles/"
	ExpectedMatrixJSON = "expected_matrix.json"
	Preflight          = "apply_preflight.json"
	BaselineResults    = "baseline_results.json"
	RuntimeResults     = "runtime_results.json"
	RuntimeEvents      = "runtime_events.normalized.json"
	WitnessEvents      = "witness_events.jsonl"
	OracleResults      = "oracle_results.json"
	MismatchPackets    = "mismatch_packets.jsonl"
	MismatchSummary    = "mismatch_summary.json"
	Hypotheses         = "hypotheses.json"
	SweepTargets       = "sweep_targets.jsonl"
	SweepJSON          = "sweep.json"
	SummaryJSON        = "summary.json"
	SummaryMD          = "summary.md"
	ReportHTML         = "report.html"
	JUnitXML           = "junit.xml"
	LogsDir            = "logs/"
	RunStatusJSON      = "run_status.json"
	ArtifactIndex      = "artifact_index.json"
	SelfTestJSON       = "selftest.json"
	SelfTestText       = "selftest.txt"
)

// required are the documents without which a bundle is not valid, besides the
// index itself. hypotheses.json and the
// documents of sweeps are optional.
var required = []string{
	RunManifest, World, PlanTOML, PlanResolved, ExpectedMatrixJSON, Preflight,
	BaselineResults, RuntimeResults, RuntimeEvents, WitnessEvents, OracleResults,
	MismatchPackets, MismatchSummary, SummaryJSON, SummaryMD, ReportHTML, JUnitXML,
	RunStatusJSON,
}

// arrays are the documents that hold one row a result.
var arrays = map[string]bool{
	BaselineResults: true, RuntimeResults: true, RuntimeEvents: true, OracleResults: true,
}

// lines are the documents that hold one object a line.
var lines = map[string]bool{WitnessEvents: true, MismatchPackets: true, SweepTargets: true}

// Required returns the documents without which a directory of that kind is not
// valid, besides the index itself.
func Required(of Kind) []string {
	if of == KindSelfTest {
		return []string{SelfTestJSON, SelfTestText, World, RunStatusJSON}
	}
	return required
}

// IsArray reports whether a document is an object with one row a result.
func IsArray(name string) bool { return arrays[name] }

// IsLines reports whether a document holds one row a line.
func IsLines(name string) bool { return lines[name] }

// SchemaOf returns the schema string of a JSON document as this hrhost writes it,
// such as "hardened-runtime.run_manifest.v1", or "" for a file that has none.
func SchemaOf(name string) string { return SchemaAt(name, Version(name)) }

// mediaTypes are the media types by extension; anything else is plain text when
// it is a log or a profile, and octets otherwise.
var mediaTypes = map[string]string{
	".json": "application/json", ".jsonl": "application/jsonl",
	".toml": "application/toml", ".md": "text/markdown",
	".html": "text/html", ".xml": "application/xml",
	".sb": "text/plain", ".log": "text/plain", ".txt": "text/plain",
}

// MediaType returns the media type that the index lists for a file.
func MediaType(name string) string {
	if t, ok := mediaTypes[path.Ext(name)]; ok {
		return t
	}
	if strings.HasPrefix(name, LogsDir) || strings.HasPrefix(name, ProfilesDir) {
		return "text/plain"
	}
	return "application/octet-stream"
}

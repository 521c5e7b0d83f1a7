package bundle

import (
	"path"
	"strconv"
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

// versions are the newest versions of the schemas that are not at their first.
// docs/bundle.md says what each version added.
var versions = map[string]int{
	PlanResolved: 2, SummaryJSON: 2,
	RuntimeResults: 2, OracleResults: 2, WitnessEvents: 2, MismatchPackets: 2, SweepJSON: 2, Hypotheses: 2,
}

// SchemaOf returns the schema string of a JSON document of the bundle, such as
// "hardened-runtime.run_manifest.v1", or "" for a file that has none. It is the
// newest version, which is the one that is written.
func SchemaOf(name string) string { return schemaOf(name, max(1, versions[name])) }

func schemaOf(name string, version int) string {
	if strings.Contains(name, "/") {
		return ""
	}
	stem, ok := strings.CutSuffix(name, ".json")
	if !ok {
		stem, ok = strings.CutSuffix(name, ".jsonl")
	}
	if !ok {
		return ""
	}
	return "hardened-runtime." + stem + ".v" + strconv.Itoa(version)
}

// versionOf returns the version of a document that a schema string names, 0 when
// it names none that is known.
func versionOf(name, schema string) int {
	for v := max(1, versions[name]); v > 0; v-- {
		if schema != "" && schema == schemaOf(name, v) {
			return v
		}
	}
	return 0
}

// mediaTypes are the media types by extension; anything else is plain text when
// it is a log or a profile, and octets otherwise.
var mediaTypes = map[string]string{
	".json": "application/json", ".jsonl": "application/jsonl",
	".toml": "application/toml", ".md": "text/markdown",
	".html": "text/html", ".xml": "application/xml",
	".sb": "text/plain", ".log": "text/plain", ".txt": "text/plain",
}

// mediaType names the kind of a file by its extension.
func mediaType(name string) string {
	if t, ok := mediaTypes[path.Ext(name)]; ok {
		return t
	}
	if strings.HasPrefix(name, LogsDir) || strings.HasPrefix(name, ProfilesDir) {
		return "text/plain"
	}
	return "application/octet-stream"
}

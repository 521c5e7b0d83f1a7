package sametext

import "regexp"

var (
	process = regexp.MustCompile(`pid:[0-9]+(@[0-9]+)?`) // with its start time, where the monitor names it
	proc    = regexp.MustCompile(`/proc/[0-9]+`)
	busName = regexp.MustCompile(`:1\.[0-9]+`)
	// stat begins what /proc/<pid>/stat says of a process as it was then, and
	// table a cell of a report's table with the first characters of that.
	stat  = regexp.MustCompile(`^"[0-9]+ \(.*`)
	table = regexp.MustCompile(`[0-9]+ \([^<|]*`)
	runID = regexp.MustCompile(`[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}`)
	stamp = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`)
	took  = regexp.MustCompile(`time="[0-9.]+"`)
	// call is a call about a process that is named by number.
	call = regexp.MustCompile(`(kill|pidfd_open|pidfd_send_signal) [0-9]+`)
)

const (
	results = "*_results.json"
	events  = "runtime_events.normalized.json"
	witness = "witness_events.jsonl"
)

// Masks are the values of the default plan's bundle that differ between two runs on
// one host. TestRunsAreTheSameText fails when one of them masks nothing.
var Masks = []Mask{
	{"*.json*", "**.run_id", nil, "an id: the time and two random bytes"},
	{"summary.md", "", runID, "an id"},
	{"report.html", "", runID, "an id"},
	{"junit.xml", "", runID, "an id"},

	{"run_manifest.json", "started_at", nil, "a time"},
	{"run_manifest.json", "finished_at", nil, "a time"},
	{"run_status.json", "updated_at", nil, "a time"},
	{results, "results[].started_at", nil, "a time"},
	{results, "results[].duration_us", nil, "a duration"},
	{witness, "time", nil, "a time"},
	{witness, "monotonic_us", nil, "a time"},
	{"report.html", "", stamp, "times"},
	{"junit.xml", "", stamp, "a time"},
	{"junit.xml", "", took, "durations"},

	{results, "results[].pid", nil, "a process number"},
	{results, "results[].filter.value", process, "a process number"},
	{results, "results[].carrier", proc, "a process number in a path"},
	{results, "results[].path_observation.requested", proc, "a process number in a path"},
	{results, "results[].path_observation.normalized", proc, "a process number in a path"},
	{results, "results[].path_observation.observed", proc, "a process number in a path"},
	{results, "results[].decision_record.first_denial_filters[].value", process, "a process number and its start time"},
	{events, "results[].filter.value", process, "a process number"},
	{events, "results[].carrier", proc, "a process number in a path"},
	{events, "results[].path_observation.requested", proc, "a process number in a path"},
	{events, "results[].path_observation.normalized", proc, "a process number in a path"},
	{events, "results[].path_observation.observed", proc, "a process number in a path"},
	{events, "results[].first_denial_filters[].value", process, "a process number and its start time"},
	{witness, "pid", nil, "a process number"},
	{witness, "tid", nil, "a thread number"},
	{witness, "filter.value", process, "a process number and its start time"},
	{witness, "carrier", proc, "a process number in a path"},
	{witness, "carrier", call, "a process number"},
	{witness, "path_observation.requested", proc, "a process number in a path"},
	{witness, "path_observation.normalized", proc, "a process number in a path"},
	{witness, "path_observation.observed", proc, "a process number in a path"},
	{"report.html", "", proc, "a process number in a path"},
	{witness, "target.pid", nil, "a process number"},
	{witness, "target.start_time", nil, "the start time of a process"},

	{"run_manifest.json", "staging.stage_root", nil, "a path of the run"},

	{results, "results[].result.value", busName, "a connection's name: the bus numbers them as they come"},
	{witness, "carrier", busName, "a connection's name"},
	{"summary.md", "", busName, "a connection's name"},
	{"report.html", "", busName, "a connection's name"},

	{"apply_preflight.json", "outer_sandbox.facts[].value", nil, "values of /proc, with the host's own process number"},
	{results, "results[].result.value", stat, "a value of /proc: /proc/<pid>/stat"},
	{"summary.md", "", table, "the same"},
	{"report.html", "", table, "the same"},

	{"artifact_index.json", "artifacts[].file_size", nil, "a size, of documents with masked values"},
	{"artifact_index.json", "artifacts[].sha256", nil, "a digest, of documents with masked values"},
}

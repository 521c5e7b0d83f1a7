package bundle

import (
	"path"
	"slices"
	"strings"
)

// Shape is how a document is laid out.
type Shape int

const (
	Text   Shape = iota // not JSON, no schema
	Object              // one JSON object
	Array               // a JSON object whose "results" has one row a line
	Lines               // one JSON object a line
)

// Document is a file of a bundle that has a fixed name.
type Document struct {
	Name      string
	Shape     Shape
	Required  []Kind // directories of these kinds are not valid without it
	MediaType string
	Version   int  // of its schema, which this hrhost writes; it reads all earlier ones. 0: no schema
	Link      bool // out/<name> leads to that of the newest run
}

// Kinds of directories, as the rows of documents have them.
var (
	ofRun      = []Kind{KindRun}
	ofSelfTest = []Kind{KindSelfTest}
	ofBoth     = []Kind{KindRun, KindSelfTest}
	optional   []Kind
)

const (
	typeJSON  = "application/json"
	typeLines = "application/jsonl"
)

// documents has a row for each document. A new one needs a row here, a schema in
// schemas/, a row in docs/bundle.md, and code that writes it: TestDocuments names
// what is missing. docs/bundle.md says what each version changed.
var documents = []Document{
	{RunManifest, Object, ofRun, typeJSON, 2, true},
	{World, Object, ofBoth, typeJSON, 1, true},
	{PlanTOML, Text, ofRun, "application/toml", 0, true},
	{PlanResolved, Object, ofRun, typeJSON, 2, true},
	{ExpectedMatrixJSON, Object, ofRun, typeJSON, 1, true},
	{Preflight, Object, ofRun, typeJSON, 1, true},
	{BaselineResults, Array, ofRun, typeJSON, 2, true},
	{RuntimeResults, Array, ofRun, typeJSON, 3, true},
	{RuntimeEvents, Array, ofRun, typeJSON, 2, true},
	{WitnessEvents, Lines, ofRun, typeLines, 2, true},
	{OracleResults, Array, ofRun, typeJSON, 2, true},
	{MismatchPackets, Lines, ofRun, typeLines, 2, true},
	{MismatchSummary, Object, ofRun, typeJSON, 1, true},
	{SweepTargets, Lines, optional, typeLines, 1, true},
	{SweepJSON, Object, optional, typeJSON, 2, true},
	{Hypotheses, Object, optional, typeJSON, 2, true},
	{SummaryJSON, Object, ofRun, typeJSON, 2, true},
	{SummaryMD, Text, ofRun, "text/markdown", 0, true},
	{ReportHTML, Text, ofRun, "text/html", 0, true},
	{JUnitXML, Text, ofRun, "application/xml", 0, true},
	{RunStatusJSON, Object, ofBoth, typeJSON, 1, true},
	{SelfTestJSON, Object, ofSelfTest, typeJSON, 1, true},
	{SelfTestText, Text, ofSelfTest, "text/plain", 0, true},

	// Required as well, but no index lists itself.
	{ArtifactIndex, Object, optional, typeJSON, 1, true},
}

// byName finds a row of documents.
var byName = func() map[string]Document {
	rows := make(map[string]Document, len(documents))
	for _, d := range documents {
		rows[d.Name] = d
	}
	return rows
}()

// DocumentOf returns the row of a document, or false for every other file.
func DocumentOf(name string) (Document, bool) {
	d, ok := byName[name]
	return d, ok
}

// Required returns the documents without which a directory of that kind is not
// valid, besides the index itself.
func Required(of Kind) (names []string) {
	for _, d := range documents {
		if slices.Contains(d.Required, of) {
			names = append(names, d.Name)
		}
	}
	return names
}

// mediaTypes are the media types, by extension, of files that are not documents:
// logs, profiles, and what those import.
var mediaTypes = map[string]string{
	".json": typeJSON, ".jsonl": typeLines, ".toml": "application/toml", ".md": "text/markdown",
	".html": "text/html", ".xml": "application/xml", ".sb": "text/plain", ".log": "text/plain", ".txt": "text/plain",
}

// MediaType returns the media type that the index lists for a file.
func MediaType(name string) string {
	if d, ok := DocumentOf(name); ok {
		return d.MediaType
	}
	if t, ok := mediaTypes[path.Ext(name)]; ok {
		return t
	}
	if strings.HasPrefix(name, LogsDir) || strings.HasPrefix(name, ProfilesDir) {
		return "text/plain"
	}
	return "application/octet-stream"
}

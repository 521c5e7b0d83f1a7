package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// large are the structs with more than [MaxFields] fields or [MaxMethods] methods, and
// why. A new one is a decision about the layout: first look for the parts that can be
// values or functions of their own. Run with -v to see the numbers.
var large = map[string]string{
	// Rows and documents: a field for each name of a schema, and next to no methods.
	"host/bundle.Event":              row,
	"host/bundle.Manifest":           row,
	"host/bundle.SweepResult":        row,
	"host/cmd/hrhost.describedProbe": row,
	"host/cmd/hrhost.sbVerdict":      row,
	"host/lane.Context":              row,
	"host/lane.RuntimeRow":           row,
	"host/lane.WitnessRow":           row,
	"host/mismatch.DecisionEvent":    row,
	"host/plan.Profile":              row,
	"host/report.Probe":              "a line of the reports: a field for each column",
	"internal/wire.Probe":            "a message of the protocol: a field for each field of plugin.proto",
	"internal/dbuswire.Message":      "a D-Bus message: its header has as many fields",

	// Layouts of the kernel.
	"host/enforce/monitor.pidfdInfo": "struct pidfd_info of linux/pidfd.h, first version",
	"internal/darwin.BSDInfo":        "struct proc_bsdinfo of XNU's sys/proc_info.h",
	"internal/darwin.ShortBSDInfo":   "struct proc_bsdshortinfo of XNU's sys/proc_info.h",

	// Plain values that one side fills and another reads.
	"host/cmd/hrhost.runFlags": "the flags of run, sent to the worker as they are",
	"host/evidence.Process":    "what rows are made from, of one process; no methods",
	"host/lane.Attempt":        "what the decision table asks about: a field for each question",
	"host/lane.Window":         "what makes a witness row part of an attempt: a field for each condition",
	"host/probing.Job":         "what a process is to do; filled by host/run",
	"host/probing.Report":      "what became of a process; no methods",
	"host/run.Options":         "what a caller and tests set; no methods",
	"host/run.Result":          "what a caller prints; no methods",
	"host/verify.tally":        "what the rows say about one expectation",
	"sb/sbpl.Decision":         "an answer with all that is known about it",
	"sb/sbpl.Options":          "what a caller sets; no methods",
	"sb/sbpl.Rule":             "a rule with its source and the library that adds it",
	"sdk.Probe":                "what a plugin's author sets, a field for each thing that a probe may have",

	// Parsers and evaluators: a method for each form, over little state.
	"host/plan.parser":       "a method for each part of a plan, over 6 fields",
	"host/plan.table":        "a method for each type of value, over 5 fields",
	"sb/sbpl.compiler":       "a method for each part of a profile's evaluation",
	"sb/sbpl.test":           "one filter: a field for each kind of value that filters compare",
	"sb/sbpl/scheme.Machine": "a method for each form of the language, over 7 fields",
	"sb/sbpl/syntax.Reader":  "a method for each token, over 6 fields",

	// One resource with one lock or one owner.
	"host/bundle.Writer":           "the files of one bundle under one lock; a method for each step of its life",
	"host/clean.launchd":           "one job of launchd from plist to removal; half of the fields are set by tests",
	"host/enforce/bus.line":        "one connection: both directions share its state",
	"host/enforce/monitor.Monitor": "one listener: what its calls share",
	"host/enforce/monitor.call":    "one system call: a method for each answer and each look at the process's memory",
	"host/launch.Launcher":         "one thread that forks; a method for each way to start a process",
	"host/launch.Process":          "one process from exec to its reaping",
	"host/verify.opened":           "the documents of one bundle, read once: a field for each",

	// To be cut up.
	"host/cmd/hrhost.ui": "the terminal: its lines could be values that one writer prints",
}

// row is the reason of a struct that is a row or a document.
const row = "a field for each name of its schema"

// TestStructs: every struct of the repository that people wrote is small, or large
// has a row with a reason.
func TestStructs(t *testing.T) {
	const root = "../.."
	packages := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		pkg := path.Dir(filepath.ToSlash(name))
		packages[pkg] = append(packages[pkg], parsed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	left, n := maps.Clone(large), 0
	for _, pkg := range slices.Sorted(maps.Keys(packages)) {
		for _, s := range Structs(pkg, packages[pkg]) {
			if n++; !s.Large() {
				continue
			}
			reason, ok := large[s.Name]
			if !ok || reason == "" {
				t.Errorf("%s has %d fields and %d methods; at most %d and %d, or a row with a reason in internal/lint/structs_test.go",
					s.Name, s.Fields, s.Methods, MaxFields, MaxMethods)
			}
			delete(left, s.Name)
			t.Logf("%-40s %2d fields, %2d methods: %s", s.Name, s.Fields, s.Methods, reason)
		}
	}
	for name := range left {
		t.Errorf("internal/lint/structs_test.go: %s is small or gone: remove its row", name)
	}
	if n < 300 {
		t.Errorf("%d structs were found: is %s still the repository?", n, root)
	}
}

func TestStructsOf(t *testing.T) {
	var files []*ast.File
	for _, text := range []string{
		`package x
type A struct { a, b int; C }
type G[T any] struct { t T }
type N int
func (a *A) One() {}
func (a A) Two() {}
func (g *G[T]) Of() {}
func (n N) Not() {}
func free(a A) {}`,
		`package x
func (a *A) One() {}
func (a *A) Three() {}`,
		`// Code generated by hand. DO NOT EDIT.

package x
type Made struct { a int }
func (a *A) Four() {}`,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	want := []Struct{{"x.A", 3, 3}, {"x.G", 1, 1}}
	if diff := cmp.Diff(want, Structs("x", files)); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		s    Struct
		want bool
	}{{Struct{"", MaxFields, MaxMethods}, false}, {Struct{"", MaxFields + 1, 0}, true}, {Struct{"", 0, MaxMethods + 1}, true}} {
		if c.s.Large() != c.want {
			t.Errorf("%+v", c.s)
		}
	}
}

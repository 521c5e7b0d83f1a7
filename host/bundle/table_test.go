package bundle

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestDocuments: each row of the table has its schema, its row in docs/bundle.md and
// code that writes it, and no schema or row of the page is about another file.
func TestDocuments(t *testing.T) {
	schemas, described, produced := schemaStems(t), describedDocuments(t), producedDocuments(t)
	if len(byName) != len(documents) {
		t.Errorf("%d documents have %d names", len(documents), len(byName))
	}
	for _, d := range documents {
		for _, stem := range wantedSchemas(d) {
			if !schemas[stem] {
				t.Errorf("%s: no schema schemas/%s%s", d.Name, stem, schemaSuffix)
			}
			delete(schemas, stem)
		}
		if (d.Shape == Text) != (d.Version == 0) {
			t.Errorf("%s: text has no version, and every other document has one; it has %d", d.Name, d.Version)
		}
		if !described[d.Name] {
			t.Errorf("%s: no row in docs/bundle.md", d.Name)
		}
		delete(described, d.Name)
		if !produced[d.Name] {
			t.Errorf("%s: no code in host writes it", d.Name)
		}
	}
	delete(schemas, "common") // parts that several schemas share
	for stem := range schemas {
		t.Errorf("schemas/%s%s: no row of documents has this schema", stem, schemaSuffix)
	}
	for name := range described {
		if name != ProfilesDir && name != LogsDir {
			t.Errorf("docs/bundle.md: %s is not in the table of documents", name)
		}
	}
}

// TestVersionsDescribed: docs/bundle.md says what each later version changed, in a
// table for each version.
func TestVersionsDescribed(t *testing.T) {
	text, err := os.ReadFile("../../docs/bundle.md")
	must(t, err)
	for _, d := range documents {
		if d.Version < 2 {
			continue
		}
		_, table, _ := strings.Cut(string(text), "\n| document | changed in version "+strconv.Itoa(d.Version)+" |\n")
		table, _, _ = strings.Cut(table, "\n\n")
		if row := regexp.MustCompile("(?m)^\\|[^|]*`" + regexp.QuoteMeta(stemOf(d.Name)) + "`"); !row.MatchString(table) {
			t.Errorf("%s: docs/bundle.md does not say what version %d changed", d.Name, d.Version)
		}
	}
}

// wantedSchemas are the schemas of a document and of its rows.
func wantedSchemas(d Document) []string {
	stem := stemOf(d.Name)
	return map[Shape][]string{Object: {stem}, Array: {stem, stem + ".row"}, Lines: {stem + ".row"}}[d.Shape]
}

func schemaStems(t *testing.T) map[string]bool {
	files, err := Schemas.ReadDir("schemas")
	must(t, err)
	stems := map[string]bool{}
	for _, f := range files {
		stems[strings.TrimSuffix(f.Name(), schemaSuffix)] = true
	}
	return stems
}

// describedDocuments are the names in the first column of the table of documents.
func describedDocuments(t *testing.T) map[string]bool {
	text, err := os.ReadFile("../../docs/bundle.md")
	must(t, err)
	_, table, _ := strings.Cut(string(text), "\n## Documents\n")
	table, _, _ = strings.Cut(table, "\n## ")
	names := map[string]bool{}
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Split(line, "|")[1], -1) {
			names[m[1]] = true
		}
	}
	return names
}

// producedDocuments are the documents that the programs of host write: a constant of
// this package is the first argument of a call that does not read, or stands beside a
// function that renders it.
func producedDocuments(t *testing.T) map[string]bool {
	names := documentConstants(t)
	produced := map[string]bool{ // by the writer itself
		ArtifactIndex: true, RunStatusJSON: true,
	}
	note := func(e ast.Expr) {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok {
			return
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "bundle" {
			produced[names[sel.Sel.Name]] = true
		}
	}
	must(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		reads := []string{"bundle", "verify", "diff", "cmd", "testdata"}
		if err == nil && d.IsDir() && slices.Contains(reads, d.Name()) {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if fun, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && slices.Contains(writes, fun.Sel.Name) {
					note(n.Args[0])
				}
			case *ast.CompositeLit:
				if len(n.Elts) == 2 {
					if _, renders := n.Elts[1].(*ast.Ident); renders {
						note(n.Elts[0])
					}
				}
			}
			return true
		})
		return nil
	}))
	return produced
}

// writes are the names of functions that write a document or a row of one.
var writes = []string{"Document", "Array", "Lines", "File", "file", "Append"}

// documentConstants are the constants of names.go by their names.
func documentConstants(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "names.go", nil, 0)
	must(t, err)
	values := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			text, err := strconv.Unquote(spec.Values[i].(*ast.BasicLit).Value)
			must(t, err)
			values[name.Name] = text
		}
		return true
	})
	return values
}

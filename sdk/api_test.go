package sdk_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "accept the exported API as it is now")

const (
	module    = "github.com/hrhost/hrhost"
	apiGolden = "testdata/api.txt"
)

// surface is all that the author of a plugin imports, and where its source is.
var surface = map[string]string{module + "/sdk": ".", module + "/sdk/sdktest": "sdktest"}

// TestAPI: the exported names and their types are those of testdata/api.txt. A
// change is made on purpose, with -update, and is seen in review.
func TestAPI(t *testing.T) {
	var lines []string
	for path, pkg := range load(t) {
		for _, line := range listing(pkg) {
			lines = append(lines, strings.TrimPrefix(path, module+"/")+": "+line)
		}
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(apiGolden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(apiGolden)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Split(strings.TrimSpace(string(want)), "\n")
	for _, line := range lines {
		if !slices.Contains(old, line) {
			t.Errorf("new: %s", line)
		}
	}
	for _, line := range old {
		if !slices.Contains(lines, line) {
			t.Errorf("gone: %s", line)
		}
	}
}

// TestNothingInternalLeaks: no exported name's type can only be written by this
// module.
func TestNothingInternalLeaks(t *testing.T) {
	for path, pkg := range load(t) {
		for _, line := range listing(pkg) {
			if strings.Contains(line, "/internal/") {
				t.Errorf("%s: %s", path, line)
			}
		}
	}
}

// load type-checks the packages from the build's own export data.
func load(t *testing.T) map[string]*types.Package {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for path := range surface {
		args = append(args, path)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	gc := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	loaded := map[string]*types.Package{}
	for path := range surface {
		if loaded[path], err = gc.Import(path); err != nil {
			t.Fatal(err)
		}
	}
	return loaded
}

// listing has a line for each exported name, field and method, with whole
// package paths.
func listing(pkg *types.Package) (lines []string) {
	short := func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Path()
	}
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		declared, ok := object.(*types.TypeName)
		if !ok {
			lines = append(lines, types.ObjectString(object, short))
			continue
		}
		lines = append(lines, members(declared, short)...)
	}
	return lines
}

func members(declared *types.TypeName, short types.Qualifier) (lines []string) {
	struc, ok := declared.Type().Underlying().(*types.Struct)
	if !ok {
		lines = append(lines, types.ObjectString(declared, short))
	} else {
		lines = append(lines, "type "+declared.Name()+" struct")
		for field := range struc.Fields() {
			if field.Exported() {
				lines = append(lines, fmt.Sprintf("type %s struct, %s %s", declared.Name(), field.Name(), types.TypeString(field.Type(), short)))
			}
		}
	}
	for method := range types.NewMethodSet(types.NewPointer(declared.Type())).Methods() {
		if method.Obj().Exported() {
			lines = append(lines, types.SelectionString(method, short))
		}
	}
	return lines
}

// TestEveryNameIsDocumented: types, functions, methods, constants and fields.
func TestEveryNameIsDocumented(t *testing.T) {
	for path, dir := range surface {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%d files in %s, %v", len(names), dir, err)
		}
		set := token.NewFileSet()
		var files []*ast.File
		for _, name := range names {
			file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "_test.go") {
				files = append(files, file)
			}
		}
		pkg, err := doc.NewFromFiles(set, files, path)
		if err != nil {
			t.Fatal(err)
		}
		undocumented(pkg, func(name string) { t.Errorf("%s: %s has no doc comment", path, name) })
	}
}

func undocumented(pkg *doc.Package, report func(string)) {
	need := func(text, name string) {
		if strings.TrimSpace(text) == "" {
			report(name)
		}
	}
	need(pkg.Doc, "the package")
	funcs := pkg.Funcs
	values := append(pkg.Consts, pkg.Vars...)
	for _, typ := range pkg.Types {
		need(typ.Doc, typ.Name)
		funcs = append(append(funcs, typ.Funcs...), typ.Methods...)
		values = append(append(values, typ.Consts...), typ.Vars...)
		fields(typ, need)
	}
	for _, f := range funcs {
		need(f.Doc, f.Recv+" "+f.Name)
	}
	for _, group := range values {
		for _, spec := range group.Decl.Specs {
			v := spec.(*ast.ValueSpec)
			need(group.Doc+v.Doc.Text()+v.Comment.Text(), strings.Join(group.Names, ", "))
		}
	}
}

// fields wants a comment above a field or behind it.
func fields(typ *doc.Type, need func(text, name string)) {
	for _, spec := range typ.Decl.Specs {
		struc, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range struc.Fields.List {
			for _, name := range f.Names {
				if name.IsExported() {
					need(f.Doc.Text()+f.Comment.Text(), typ.Name+"."+name.Name)
				}
			}
		}
	}
}

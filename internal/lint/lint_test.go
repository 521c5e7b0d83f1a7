package lint

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// classifies are files that look for hidden characters without escaping them.
var classifies = map[string]bool{
	"plugins/sysctl/value.go": true, // is a value text or bytes?
}

// TestRepository holds every Go file of the repository, of any system and of any
// build tag, to the package's checks.
func TestRepository(t *testing.T) {
	const root = "../.."
	files := token.NewFileSet()
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		n++
		for _, f := range DeferredResults(files, file) {
			t.Error(strings.TrimPrefix(f, root+"/"))
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+"/"))
		if strings.HasPrefix(name, "internal/text/") || classifies[name] || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		for _, f := range Escapers(files, file) {
			t.Error(strings.TrimPrefix(f, root+"/"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 300 {
		t.Errorf("%d files were read: is %s still the repository?", n, root)
	}
}

func TestDeferredResults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string // the named result, "" for no finding
	}{
		{"closed although nil", `func open() (f *File, err error) {
			f = &File{}
			defer func() { if err != nil { f.Close() } }()
			if err = f.lock(); err != nil { return nil, err }
			return f, err
		}`, "f"},
		{"left open where nil is tested", `func open() (f *File, err error) {
			defer func() { if err != nil && f != nil { f.Close() } }()
			return nil, err
		}`, "f"},
		{"replaced by a call", `func open() (f *File, err error) {
			defer func() { if err != nil { f.Close() } }()
			return other()
		}`, "f"},
		{"handed to a function", `func open() (fs []*File, err error) {
			defer func() { if err != nil { closeAll(fs) } }()
			return nil, err
		}`, "fs"},
		{"ranged over", `func open() (fs []*File, err error) {
			defer func() { for _, f := range fs { f.Close() } }()
			return nil, err
		}`, "fs"},
		{"a function to undo", `func open() (undo func(), err error) {
			defer func() { if err != nil { undo() } }()
			return nil, err
		}`, "undo"},
		{"in a closure", `var open = func() (f *File, err error) {
			defer func() { if err != nil { f.Close() } }()
			return nil, err
		}`, "f"},
		{"every return keeps it", `func open() (f *File, err error) {
			defer func() { if err != nil { f.Close(); f = nil } }()
			if err = f.lock(); err != nil { return }
			return f, f.read()
		}`, ""},
		{"a local variable", `func open() (_ *File, err error) {
			f := &File{}
			defer func() { if err != nil { f.Close() } }()
			return nil, err
		}`, ""},
		{"the closure's own variable", `func open() (f *File, err error) {
			defer func() { f := g; f.Close() }()
			return nil, err
		}`, ""},
		{"only assigned", `func open() (f *File, err error) {
			defer func() { f = nil }()
			return other()
		}`, ""},
		{"an error", `func open() (f *File, err error) {
			defer func() { log(err) }()
			return other()
		}`, ""},
		{"a return of another function", `func open() (f *File, err error) {
			defer func() { if err != nil { f.Close() } }()
			each(func() *File { return nil })
			return f, err
		}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, "x.go", "package x\n"+c.text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if found := DeferredResults(files, file); len(found) > 0 {
				_, got, _ = strings.Cut(found[0], "the named result ")
				got, _, _ = strings.Cut(got, ",")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPlace: a finding names the line of the use.
func TestPlace(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "x.go", `package x

func open() (f *File, err error) {
	defer func() {
		f.Close()
	}()
	return nil, err
}
`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := DeferredResults(files, file); len(got) != 1 || !strings.HasPrefix(got[0], "x.go:5: ") {
		t.Errorf("%q", got)
	}
}

func TestEscapers(t *testing.T) {
	const source = `package p

import ("strconv"; "unicode")

func f(s string, r rune, x T) bool {
	return unicode.IsPrint(r) || strconv.QuoteToGraphic(s) == s || unicode.IsSpace(r) || x.IsPrint(r)
}
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"p.go:6: unicode.IsPrint: escape text with internal/text",
		"p.go:6: strconv.QuoteToGraphic: escape text with internal/text",
	}
	if diff := cmp.Diff(want, Escapers(files, file)); diff != "" {
		t.Error(diff)
	}
}

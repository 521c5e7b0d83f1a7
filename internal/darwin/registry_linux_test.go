package darwin

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

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// TestRegistry: what this package binds is what the registry has for it, each name in its
// library.
func TestRegistry(t *testing.T) {
	registered := map[string]bool{}
	for _, c := range seatbelt.Bound() {
		if !strings.Contains(c.Library, " ") { // an example's has its directory
			registered[c.Library+" "+c.Name] = true
		}
	}
	for _, l := range libraries {
		for _, s := range l.symbols {
			key := filepath.Base(l.path) + " " + s.name
			if files[l] != "" {
				key = files[l] + " " + s.name
			}
			if s == errorAddress {
				continue // only the tests bind it
			}
			if !registered[key] {
				t.Errorf("%s is bound and is not in internal/seatbelt/calls.txt", key)
			}
			delete(registered, key)
		}
	}
	for key := range registered {
		t.Errorf("%s is in internal/seatbelt/calls.txt and nothing binds it", key)
	}
}

// files are the names of the libraries, whose paths the tests change.
var files = map[*library]string{system: "libSystem.B.dylib", sandbox: "libsandbox.1.dylib", cf: "CoreFoundation"}

// TestBoundElsewhere: outside of library.go a name is bound in an example only, and then
// the registry has it.
func TestBoundElsewhere(t *testing.T) {
	const root = "../.."
	var registered []string
	for _, c := range seatbelt.Bound() {
		dir, library, _ := strings.Cut(c.Library, " ")
		if library != "" {
			registered = append(registered, dir+" "+c.Name)
		}
	}
	looked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		name := strings.TrimPrefix(path, root+"/")
		names, err := boundIn(name, text)
		if name == "internal/darwin/library.go" || name == "internal/darwin/invoke_linux.go" {
			return err
		}
		for _, n := range names {
			key := filepath.Dir(name) + " " + n
			if !slices.Contains(registered, key) {
				t.Errorf("%s binds %s, which is not in internal/seatbelt/calls.txt for %s", name, n, filepath.Dir(name))
			}
		}
		registered = slices.DeleteFunc(registered, func(key string) bool {
			return slices.Contains(names, strings.TrimPrefix(key, filepath.Dir(name)+" "))
		})
		return err
	})
	if err != nil || looked < 300 {
		t.Fatalf("%d files, %v", looked, err)
	}
	for _, key := range registered {
		t.Errorf("%s is in internal/seatbelt/calls.txt and nothing binds it", key)
	}
}

// binders are the functions by which a name becomes an address.
var binders = []string{"Dlsym", "RegisterLibFunc", "RegisterFunc"}

// boundIn lists the names that a file binds: every word in a function that calls one of
// the binders, or the binder itself where there is no word.
func boundIn(path string, text []byte) (names []string, err error) {
	if !strings.Contains(string(text), "purego") {
		return nil, nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		var words []string
		binds := ""
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "purego" && slices.Contains(binders, n.Sel.Name) {
					binds = n.Sel.Name
				}
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && symbolName.MatchString(s) {
					words = append(words, s)
				}
			}
			return true
		})
		if binds != "" && len(words) == 0 {
			words = []string{binds + " of an unknown name"}
		}
		if binds != "" {
			names = append(names, words...)
		}
	}
	return names, nil
}

var symbolName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func TestBoundIn(t *testing.T) {
	const head = "package p\nimport \"github.com/ebitengine/purego\"\n"
	for text, want := range map[string]string{
		head + `func f() { purego.Dlsym(0, "kill") }`:                                  "kill",
		head + `func f() { for n := range m { purego.RegisterLibFunc(nil, 0, n) } }`:   "RegisterLibFunc of an unknown name",
		head + `func f() { g := purego.Dlsym; g(0, "a b", "x1") }`:                     "x1",
		head + `var v = func() uintptr { p, _ := purego.Dlsym(0, "raise"); return p }`: "raise",
		head + `func f() { purego.SyscallN(0); g("other") }`:                           "",
		"package p": "",
	} {
		names, err := boundIn("p.go", []byte(text))
		if got := strings.Join(names, " "); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

package sbpl

import (
	"io/fs"
	"testing"
)

// TestOpenedFilesAreImports: what a profile opens to read decides what it says, so it
// belongs to what the profile is made of.
func TestOpenedFilesAreImports(t *testing.T) {
	files := map[string]string{"/p/names.txt": `"kernel.ostype"`}
	read := func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	src := `(version 1)(deny default)
(define port (open-input-file "names.txt"))
(define none (open-input-file "none.txt"))
(if (and port (not none)) (allow sysctl-read (sysctl-name (read port))))`
	p, err := Compile([]byte(src), Options{ImportRoots: []string{"/p"}, ReadFile: read})
	if err != nil {
		t.Fatal(err)
	}
	d := p.Decide(Query{Operation: "sysctl-read", Filters: []Filter{{"sysctl-name", "kernel.ostype"}}})
	if d.Action != Allow {
		t.Errorf("%v by %s", d.Action, d.RuleText)
	}
	if im := p.Imports(); len(im) != 1 || im[0].Path != "/p/names.txt" || len(im[0].SHA256) != 64 {
		t.Errorf("imports %+v", im)
	}
}

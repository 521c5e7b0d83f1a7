package seatbelt

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/pages"
)

var update = flag.Bool("update", false, "write the table of docs/macos.md")

func TestFacts(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Facts() {
		if seen[f.ID] {
			t.Errorf("%s appears twice", f.ID)
		}
		seen[f.ID] = true
		if f.Claim == "" || f.Source == "" || f.Breaks == "" {
			t.Errorf("%s lacks a claim, a source or what breaks", f.ID)
		}
		if f.Status != Verified && f.Status != Checked && f.Status != Assumed {
			t.Errorf("%s: status %q", f.ID, f.Status)
		}
		if (f.Status == Verified) != (f.On != "") {
			t.Errorf("%s: a fact verified on a Mac names the release, others name none", f.ID)
		}
	}
	for _, f := range Unverified() {
		if f.Status == Verified {
			t.Errorf("%s is verified", f.ID)
		}
	}
	if len(Unverified()) == 0 || len(Unverified()) == len(Facts()) {
		t.Errorf("%d of %d facts are unverified", len(Unverified()), len(Facts()))
	}
}

func TestParseFacts(t *testing.T) {
	const good = "a.b\nclaim  c\nsource s; t\nstatus verified 14.4.1, 15\nbreaks x\n"
	got, err := parseFacts("# words\n\n" + good + "\n" + strings.Replace(good, "verified 14.4.1, 15", "assumed", 1))
	want := Fact{ID: "a.b", Claim: "c", Source: "s; t", Status: Verified, On: "14.4.1, 15", Breaks: "x"}
	if err != nil || len(got) != 2 || !reflect.DeepEqual(got[0], want) || got[1].Status != Assumed {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, change := range [][2]string{
		{"claim  c\n", ""}, {"source", "sauce"}, {"verified 14.4.1, 15", "verified"}, {"verified 14.4.1, 15", "checked 14"}, {"verified 14.4.1, 15", "known"},
	} {
		if got, err := parseFacts(strings.Replace(good, change[0], change[1], 1)); err == nil || !strings.Contains(err.Error(), "a.b") {
			t.Errorf("%q for %q: %+v, %v", change[1], change[0], got, err)
		}
	}
}

// TestMarks: every fact that nobody has seen on a Mac is named where the code
// rests on it, and the code names no fact that isn't one.
func TestMarks(t *testing.T) {
	known := map[string]bool{}
	for _, f := range Facts() {
		known[f.ID] = true
	}
	marked := map[string]bool{}
	for file, text := range sources(t) {
		for _, m := range mark.FindAllStringSubmatch(text, -1) {
			marked[m[1]] = true
			if !known[m[1]] {
				t.Errorf("%s rests on fact:%s, which is not registered", file, m[1])
			}
		}
	}
	for _, f := range Unverified() {
		if !marked[f.ID] {
			t.Errorf("no code is marked fact:%s", f.ID)
		}
	}
}

var mark = regexp.MustCompile(`fact:([a-z]+\.[a-z0-9-]+[a-z0-9])`)

// sources are the tree's Go files and profiles, but for this package's own
// registry and tests.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "bin") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".sb" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}

// TestDocument keeps the table of docs/macos.md as Table writes it.
func TestDocument(t *testing.T) {
	pages.Part{
		Path:  "../../docs/macos.md",
		Begin: "<!-- facts: written by `go test ./internal/seatbelt -update` -->\n", End: "<!-- end of facts -->\n",
	}.Holds(t, Table(), *update, "go test ./internal/seatbelt -update")
}

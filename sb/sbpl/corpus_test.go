package sbpl

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// corpusEntry is one row of the shared corpus' index.
type corpusEntry struct{ repo, path, params, compiles, evidence string }

func corpusIndex(t testing.TB) []corpusEntry {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, "corpus/INDEX.tsv"))
	if err != nil {
		t.Skipf("the corpus is not on this machine: %v", err)
	}
	defer f.Close()
	var out []corpusEntry
	s := bufio.NewScanner(f)
	for s.Scan() {
		c := strings.Split(s.Text(), "\t")
		if len(c) == 7 && c[0] != "repo" {
			out = append(out, corpusEntry{c[0], c[1], c[4], c[5], c[6]})
		}
	}
	return out
}

// group is the part of the corpus that an entry belongs to.
func (e corpusEntry) group() string {
	if e.repo != "knightsc/sandbox_profiles" {
		return "third-party"
	}
	top, _, _ := strings.Cut(e.path, "/")
	return top
}

func (e corpusEntry) read(t testing.TB) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(shared, "corpus", e.repo, e.path))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func (e corpusEntry) options() Options {
	o := Options{Name: e.path, Release: "26", Globals: corpusGlobals, Params: map[string]string{}}
	if g := e.group(); g != "third-party" {
		o.Release = strings.TrimPrefix(g, "macos-")
		o.ImportRoots = systemRoots(g)
	} else { // imports of the system's own files are found there
		o.ImportRoots = append(systemRoots("macos-10.15.2"), filepath.Join(shared, "corpus", e.repo, filepath.Dir(e.path)))
	}
	for _, k := range strings.Split(e.params, ",") {
		if k = strings.TrimSpace(k); k != "" {
			o.Params[k] = "/private/tmp/p-" + k
		}
	}
	return o
}

func systemRoots(release string) []string {
	base := filepath.Join(shared, "corpus/knightsc/sandbox_profiles", release)
	return []string{filepath.Join(base, "System/Library/Sandbox/Profiles"), filepath.Join(base, "usr/share/sandbox")}
}

// corpusGlobals is what the system predefines for app containers.
var corpusGlobals = map[string]any{"*entitlements*": nil, "*cache-path*": false, "*ios-sandbox-container*": "c", "*ios-sandbox-application-group*": "g"}

// versioned finds a version form.
var versioned = regexp.MustCompile(`(?m)^\s*\(version\s+1`)

// refusals are profiles that another tool takes and we do not, with why.
var refusals = map[string]string{
	"pansen/macos-sandbox-profiles/firefox.sb": "a path filter on job-creation, which 26 is held to refuse; with the tables of 10.15 it compiles",
	"nuxlli/macbox/profile.sb":                 "its template has a regular expression with (?, which the system's matcher does not have",
}

// TestCorpus compiles every profile of the corpus, prints the counts, and gives
// the reason of each that is refused.
func TestCorpus(t *testing.T) {
	oneThread(t)
	counts := map[string][2]int{} // by group and what the index says: compiled, all
	var took []time.Duration
	measured := measuredParams(t)
	for _, e := range corpusIndex(t) {
		src := e.read(t)
		if !versioned.Match(src) { // a fragment, which another profile imports
			src = append([]byte("(version 1)"), src...)
		}
		opts := e.options()
		if p, ok := measured[e.path]; ok {
			opts.Params = p
		}
		began := time.Now()
		p, err := Compile(src, opts)
		key := e.group() + ", " + e.compiles
		n := counts[key]
		n[1]++
		if err == nil {
			n[0]++
			if e.group() == "macos-10.15.2" || e.group() == "macos-10.10.5" {
				took = append(took, time.Since(began))
			}
			p.Warnings()
		}
		counts[key] = n
		switch {
		case err == nil && e.compiles == "no" && e.group() == "macos-10.10.5":
			t.Errorf("%s: compiles here, and Apple's code refuses it: %s", e.path, e.evidence)
		case err != nil && e.compiles == "yes" && refusals[e.repo+"/"+e.path] == "":
			t.Errorf("%s/%s: %v", e.repo, e.path, err)
		case err != nil:
			t.Logf("refused (%s): %s/%s: %v", e.compiles, e.repo, e.path, first(err))
		}
	}
	keys := slices.SortedFunc(func(yield func(string) bool) {
		for k := range counts {
			if !yield(k) {
				return
			}
		}
	}, cmp.Compare[string])
	for _, k := range keys {
		t.Logf("%-40s %d of %d compile", k, counts[k][0], counts[k][1])
	}
	slices.Sort(took)
	t.Logf("system profiles: median %v, longest %v to compile", took[len(took)/2], took[len(took)-1])
}

// measuredParams are the parameters with which Apple's code compiled profiles.
func measuredParams(t testing.TB) map[string]map[string]string {
	out := map[string]map[string]string{}
	f, err := os.Open(filepath.Join(shared, "decisions-10.10.5.jsonl"))
	if err != nil {
		return out
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var r record
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out[r.Profile] = r.Params
	}
	return out
}

// first is the first of several errors.
func first(err error) error {
	var l Errors
	if errors.As(err, &l) {
		return fmt.Errorf("%w (and %d more)", l[0], len(l)-1)
	}
	return err
}

// TestCorpusIndexes asks every profile of the system with and without indexes,
// about values that stand in its own text.
func TestCorpusIndexes(t *testing.T) {
	texts := regexp.MustCompile(`"(/[^"\\]+|com\.[^"\\]+)"`)
	n := 0
	for i, e := range corpusIndex(t) {
		if e.compiles != "yes" || i%5 != 0 {
			continue
		}
		src := e.read(t)
		p, err := Compile(src, e.options())
		if err != nil {
			continue // TestCorpus says so
		}
		values := []string{"/", "", "/private/tmp/x"}
		for _, m := range texts.FindAllStringSubmatch(string(src), 40) {
			values = append(values, m[1], m[1]+"/x", m[1]+"x", strings.ToUpper(m[1]))
		}
		for _, v := range values {
			for _, q := range []Query{
				{Operation: "file-read-data", Filters: []Filter{{"path", v}}},
				{Operation: "file-write-create", Filters: []Filter{{"path", v}, {"vnode-type", "DIRECTORY"}}, Absent: []string{"extension"}},
				{Operation: "mach-lookup", Filters: []Filter{{"global-name", v}}},
				{Operation: "network-outbound", Filters: []Filter{{"path", v}}},
			} {
				compare(t, p, q)
				n++
			}
		}
	}
	t.Logf("%d queries agree with and without indexes", n)
}

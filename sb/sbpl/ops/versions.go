package ops

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Entry is one row of versions.tsv: what the library that (version N) loads does
// in addition to the release's table of operations.
type Entry struct {
	Kind     string // accepts, open, covered, alias, unbound, skipped, adds, refuses, doubt
	Versions []int64
	Releases []string
	Names    []string // of operations
	What     string   // an alias's operation, an unbound name's replacement, a rule's filter
	Evidence Evidence
	Source   string
}

// fits reports that the row is about a version of the language on a release.
func (e *Entry) fits(release string, version int64) bool {
	return slices.Contains(e.Versions, version) && slices.Contains(e.Releases, release)
}

// Entries are the rows of versions.tsv in their order.
var Entries = sync.OnceValue(func() []Entry {
	rows, err := read("versions.tsv")
	if err != nil {
		panic("BUG(ops): " + err.Error())
	}
	var out []Entry
	for _, f := range rows {
		e := Entry{Kind: f[0], Releases: list(f[2]), Names: list(f[3]), What: f[4], Evidence: evidence(f[5]), Source: f[6]}
		for _, v := range list(f[1]) {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				panic("BUG(ops): version " + v)
			}
			e.Versions = append(e.Versions, n)
		}
		out = append(out, e)
	}
	return out
})

// Accepts reports that the release's library knows a version of the language.
func (t *Table) Accepts(version int64) bool { return len(t.entries("accepts", version)) > 0 }

// Library names the library that a table's version loads, for a person.
func (t *Table) Library() string {
	return fmt.Sprintf("the library of (version %d), macOS %s", t.Version, t.Release)
}

// Of lists the rows of one kind that hold for a table's version.
func (t *Table) Of(kind string) []Entry { return t.entries(kind, t.Version) }

func (t *Table) entries(kind string, version int64) []Entry {
	var out []Entry
	for _, e := range Entries() {
		if e.Kind == kind && e.fits(t.Release, version) {
			out = append(out, e)
		}
	}
	return out
}

type versioned struct {
	of *Table
	n  int64
}

var byVersion sync.Map // versioned -> *Table

// ForVersion is a release's table as the library of (version N) changes it.
func (t *Table) ForVersion(n int64) *Table {
	key := versioned{t, n}
	if v, ok := byVersion.Load(key); ok {
		return v.(*Table)
	}
	kept, _ := byVersion.LoadOrStore(key, t.newVersion(n))
	return kept.(*Table)
}

func (t *Table) newVersion(n int64) *Table {
	v := *t
	v.Version = n
	v.Operations, v.ByName, v.Aliases = nil, map[string]*Operation{}, maps.Clone(t.Aliases)
	for _, o := range t.Operations {
		own := *o
		v.Operations = append(v.Operations, &own)
		v.ByName[own.Name] = &own
	}
	open := v.opens()
	if n > 1 {
		v.cover(open)
	}
	for _, e := range v.Of("alias") {
		for _, name := range e.Names {
			v.Aliases[name] = e.What
		}
	}
	return &v
}

// opens ends the lists of the operations that the version allows by itself, and
// returns their names.
func (t *Table) opens() map[string]bool {
	open := map[string]bool{}
	for _, e := range t.Of("open") {
		for _, name := range e.Names {
			open[name] = true
			if o := t.ByName[name]; !o.Terminal() { // else the release's table says it, with its evidence
				o.Parent, o.Allow, o.Evidence = "", true, e.Evidence
			}
		}
	}
	return open
}

// cover has the operations that version 1 opens and this version does not go on
// with their wildcard, down to default.
func (t *Table) cover(open map[string]bool) {
	for _, e := range t.entries("open", 1) {
		for _, name := range e.Names {
			if o := t.ByName[name]; !open[name] {
				o.Allow, o.Evidence = false, Inferred
				if o.Terminal() {
					o.Parent = t.wildcard(name)
				}
			}
		}
	}
	for _, e := range t.Of("covered") {
		for _, name := range e.Names {
			t.ByName[name].Evidence = e.Evidence
		}
	}
}

// wildcard is the longest NAME* that begins an operation's name, else default.
func (t *Table) wildcard(name string) string {
	best := "default"
	for _, o := range t.Operations {
		stem, ok := strings.CutSuffix(o.Name, "*")
		if ok && o.Name != name && strings.HasPrefix(name, stem) && (best == "default" || len(o.Name) > len(best)) {
			best = o.Name
		}
	}
	return best
}

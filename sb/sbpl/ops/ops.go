// Package ops holds the operation and filter tables by release, as data.
//
// The tables of 10.9 to 10.15 are exact. Of later releases only names are known:
// "14", "15" and "26" are the table of 10.15 with the names added since, and
// every row says what it rests on. "10.11" stands between its neighbours.
package ops

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed *.tsv
var files embed.FS

// Newest is the release that stands for "".
const Newest = "26"

// Evidence is what a row of a table rests on, the best first.
type Evidence int

const (
	Exact     Evidence = iota // the release's own table
	Measured                  // seen on a later release
	Published                 // a text of Apple says so: a profile, a change to one, a library. No decision was seen
	Carried                   // the name is known, the row is that of 10.15 or of another release
	Inferred                  // guessed from the name, or from neighbouring releases
)

func (e Evidence) String() string {
	return [...]string{"exact", "measured", "published", "carried", "inferred"}[e]
}

// Verified reports that somebody saw it.
func (e Evidence) Verified() bool { return e <= Measured }

// source says which files make up a release's tables.
type source struct {
	ops, filters []string
	least        Evidence // what a row rests on at best
}

var sources = map[string]source{
	"10.9":  {ops: []string{"10.9"}, filters: []string{"10.9"}},
	"10.10": {ops: []string{"10.10"}, filters: []string{"10.10"}},
	"10.11": {ops: []string{"10.12"}, filters: []string{"10.12"}, least: Inferred},
	"10.12": {ops: []string{"10.12"}, filters: []string{"10.12"}},
	"10.13": {ops: []string{"10.13"}, filters: []string{"10.13"}},
	"10.14": {ops: []string{"10.14"}, filters: []string{"10.14"}},
	"10.15": {ops: []string{"10.15"}, filters: []string{"10.15"}},
	"14":    {ops: []string{"14"}, filters: []string{"10.15", "new"}},
	"15":    {ops: []string{"14"}, filters: []string{"10.15", "new"}},
	"26":    {ops: []string{"14", "26"}, filters: []string{"10.15", "new"}},
}

// Releases are those with a table, the oldest first.
func Releases() []string {
	return []string{"10.9", "10.10", "10.11", "10.12", "10.13", "10.14", "10.15", "14", "15", "26"}
}

// Operation is one row of a table.
type Operation struct {
	Name       string
	Parent     string // "" for a terminal operation
	Allow      bool   // a terminal operation's default
	Categories []string
	Modifiers  []string
	Evidence   Evidence
	Index      int // in Table.Operations
}

// Terminal reports that nothing is asked beyond this operation.
func (o *Operation) Terminal() bool { return o.Parent == "" }

// Accepts reports whether filters of a category may stand in its rules. What is
// known of a filter only by name is accepted everywhere.
func (o *Operation) Accepts(category string) bool {
	return category == "?" || slices.Contains(o.Categories, category)
}

// Table is a release's operations and filters.
type Table struct {
	Release    string
	Version    int64        // of the language, 0 before [Table.ForVersion]
	Operations []*Operation // in table order
	ByName     map[string]*Operation
	Aliases    map[string]string // of operations
	NoOps      map[string]bool   // accepted, and ignored

	Filters       map[string]*Filter // by the name of the fact
	FilterAliases map[string]string  // other names of members of families
	Constants     map[string]int64   // named arguments
}

// Below reports that an operation whose name begins with that of a wildcard
// (process-info* and process-info-rusage) takes filters of a category.
func (t *Table) Below(wildcard, category string) bool {
	stem, ok := strings.CutSuffix(wildcard, "*")
	return ok && slices.ContainsFunc(t.Operations, func(o *Operation) bool {
		return strings.HasPrefix(o.Name, stem) && o.Accepts(category)
	})
}

// Old reports a release whose library was written in Scheme.
func (t *Table) Old() bool { return t.Release == "10.9" || t.Release == "10.10" }

var cache sync.Map // release, with " linux" behind it for [ForLinux] -> *Table

// For returns a release's table; "10.15.2" is 10.15 and "14.4.1" is 14.
func For(release string) (*Table, error) {
	name := release
	if name == "" {
		name = Newest
	}
	for sources[name].ops == nil {
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return nil, fmt.Errorf("no operation table for release %q: known are %s", release, strings.Join(Releases(), ", "))
		}
		name = name[:dot]
	}
	return cached(name, func() (*Table, error) { return load(name) })
}

func cached(name string, make func() (*Table, error)) (*Table, error) {
	if t, ok := cache.Load(name); ok {
		return t.(*Table), nil
	}
	t, err := make()
	if err != nil {
		return nil, err
	}
	kept, _ := cache.LoadOrStore(name, t)
	return kept.(*Table), nil
}

// ForLinux is a release's table with the names that only Linux has, for
// profiles that are enforced there.
func ForLinux(release string) (*Table, error) {
	base, err := For(release)
	if err != nil {
		return nil, err
	}
	return cached(base.Release+" linux", func() (*Table, error) {
		t := *base
		t.Filters, t.Constants = maps.Clone(base.Filters), maps.Clone(base.Constants)
		rows, err := read("filters-linux.tsv")
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			f := *t.Filters[row[0]]
			f.Values = maps.Clone(f.Values)
			maps.Copy(f.Values, t.constants(row[4]))
			t.Filters[row[0]] = &f
		}
		return &t, nil
	})
}

func load(release string) (*Table, error) {
	src := sources[release]
	t := &Table{
		Release: release, ByName: map[string]*Operation{}, Aliases: map[string]string{}, NoOps: map[string]bool{},
		Filters: map[string]*Filter{}, FilterAliases: map[string]string{}, Constants: map[string]int64{},
	}
	for _, name := range src.ops {
		rows, err := read("ops-" + name + ".tsv")
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			t.operation(row, src.least)
		}
	}
	newest, err := t.newest()
	if err != nil {
		return nil, err
	}
	for _, name := range src.filters {
		if err := t.filters(name, newest); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Table) operation(f []string, least Evidence) {
	switch f[0] {
	case "alias":
		t.Aliases[f[1]] = f[2]
		return
	case "noop":
		t.NoOps[f[1]] = true
		return
	}
	o := &Operation{Name: f[0], Categories: list(f[2]), Modifiers: list(f[3]), Evidence: least, Index: len(t.Operations)}
	if len(f) > 4 {
		o.Evidence = max(least, evidence(f[4]))
	}
	if strings.HasPrefix(f[1], "=") {
		o.Allow = f[1] == "=allow"
	} else {
		o.Parent = f[1]
	}
	t.Operations = append(t.Operations, o)
	t.ByName[o.Name] = o
}

func evidence(word string) Evidence {
	for e := Exact; e <= Inferred; e++ {
		if e.String() == word {
			return e
		}
	}
	panic("BUG(ops): a table says " + word)
}

// read splits a table into rows and columns.
func read(name string) ([][]string, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading table %s: %w", name, err)
	}
	var out [][]string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			out = append(out, strings.Split(line, "\t"))
		}
	}
	return out, nil
}

func list(s string) []string {
	if s == "-" {
		return nil
	}
	return strings.Split(s, ",")
}

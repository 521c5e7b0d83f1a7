// Package ops holds the operation and filter tables by release, as data.
//
// The tables of 10.9 to 10.15 are exact. No full table of a later release is
// known: "14" is that of 10.15 with the names added since, each marked
// unverified, and serves every release from 14 on.
package ops

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.tsv
var files embed.FS

// Newest is the release that stands for "".
const Newest = "14"

// releases maps what a caller may name to a table.
var releases = map[string]string{
	"": Newest, "10.9": "10.9", "10.10": "10.10", "10.12": "10.12", "10.13": "10.13", "10.14": "10.14",
	"10.15": "10.15", "14": "14", "15": "14", "26": "14",
}

// Operation is one row of a table.
type Operation struct {
	Name       string
	Parent     string // "" for a terminal operation
	Allow      bool   // a terminal operation's default
	Categories []string
	Modifiers  []string
	Unverified bool
}

// Terminal reports that nothing is asked beyond this operation.
func (o *Operation) Terminal() bool { return o.Parent == "" }

// Accepts reports whether filters of a category may stand in its rules.
func (o *Operation) Accepts(category string) bool { return slices.Contains(o.Categories, category) }

// Table is a release's operations.
type Table struct {
	Release    string
	Operations []*Operation // in table order
	ByName     map[string]*Operation
	Aliases    map[string]string
	NoOps      map[string]bool
}

var cache sync.Map // release -> *Table

// For returns a release's table.
func For(release string) (*Table, error) {
	name, ok := releases[release]
	if !ok {
		return nil, fmt.Errorf("no operation table for release %q", release)
	}
	if t, ok := cache.Load(name); ok {
		return t.(*Table), nil
	}
	text, err := files.ReadFile("ops-" + name + ".tsv")
	if err != nil {
		return nil, err
	}
	t := parse(name, string(text))
	cache.Store(name, t)
	return t, nil
}

func parse(release, text string) *Table {
	t := &Table{Release: release, ByName: map[string]*Operation{}, Aliases: map[string]string{}, NoOps: map[string]bool{}}
	for _, f := range rows(text) {
		switch f[0] {
		case "alias":
			t.Aliases[f[1]] = f[2]
		case "noop":
			t.NoOps[f[1]] = true
		default:
			o := &Operation{Name: f[0], Categories: list(f[2]), Modifiers: list(f[3]), Unverified: len(f) > 4}
			if strings.HasPrefix(f[1], "=") {
				o.Allow = f[1] == "=allow"
			} else {
				o.Parent = f[1]
			}
			t.Operations = append(t.Operations, o)
			t.ByName[o.Name] = o
		}
	}
	return t
}

func rows(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			out = append(out, strings.Split(line, "\t"))
		}
	}
	return out
}

func list(s string) []string {
	if s == "-" {
		return nil
	}
	return strings.Split(s, ",")
}

// Filter is one filter of the language with its family.
type Filter struct {
	Name     string
	Category string
	Kind     string            // pattern, path-pattern, integer, string, boolean, bitfield, network
	Derived  map[string]string // prefix, regex, subpath -> name
	Values   map[string]int64  // named arguments
}

// Filters are all filters by base name; FilterAliases other names of theirs.
var Filters, FilterAliases = sync.OnceValues(parseFilters)()

func parseFilters() (map[string]*Filter, map[string]string) {
	text, err := files.ReadFile("filters.tsv")
	if err != nil {
		panic("BUG(ops): " + err.Error())
	}
	all, aliases := map[string]*Filter{}, map[string]string{}
	for _, f := range rows(string(text)) {
		if f[0] == "alias" {
			aliases[f[1]] = f[2]
			continue
		}
		x := &Filter{Name: f[0], Category: f[1], Kind: f[2], Derived: map[string]string{}, Values: map[string]int64{}}
		for _, d := range list(f[3]) {
			k, v, _ := strings.Cut(d, ":")
			x.Derived[k] = v
		}
		if f[4] != "-" {
			for _, a := range strings.Fields(f[4]) {
				k, v, _ := strings.Cut(a, "=")
				x.Values[k], _ = strconv.ParseInt(v, 0, 64)
			}
		}
		all[x.Name] = x
	}
	return all, aliases
}

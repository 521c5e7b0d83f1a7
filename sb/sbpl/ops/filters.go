package ops

import (
	"strconv"
	"strings"
)

// Filter is one filter of the language with its family.
type Filter struct {
	Name     string // of the fact that it asks for
	Category string // "?" when only the name is known
	Kind     string // pattern, path-pattern, integer, string, boolean, bitfield, network
	Members  []Member
	Values   map[string]int64 // named arguments, nil when any number will do
}

// Member is one name of a filter's family.
type Member struct {
	How  string // literal, prefix, regex, subpath
	Name string
}

// Number reads an argument or a fact: a named value, or a number as C writes
// it.
func (f *Filter) Number(s string) (int64, bool) {
	if n, ok := f.Values[s]; ok {
		return n, true
	}
	if strings.HasPrefix(s, "#o") {
		s = "0o" + s[2:]
	}
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return 0, false // without the allocation of an error
	}
	n, err := strconv.ParseInt(s, 0, 64)
	return n, err == nil
}

// named are a filter's named arguments, as they stand in a table and as numbers.
type named struct {
	text    string
	numbers map[string]int64
}

// newest reads the named arguments of 10.15, by filter. A profile may name a
// constant that its release had elsewhere.
func (t *Table) newest() (map[string]named, error) {
	rows, err := read("filters-10.15.tsv")
	if err != nil {
		return nil, err
	}
	out := map[string]named{}
	for _, f := range rows {
		if f[0] != "alias" {
			out[f[0]] = named{f[4], t.constants(f[4])}
		}
	}
	return out, nil
}

// filters reads a table, in which @ stands for the named arguments of the newest.
func (t *Table) filters(name string, newest map[string]named) error {
	rows, err := read("filters-" + name + ".tsv")
	if err != nil {
		return err
	}
	for _, f := range rows {
		if f[0] == "alias" {
			t.FilterAliases[f[1]] = f[2]
			continue
		}
		values := newest[f[0]]
		if f[4] != "@" && f[4] != values.text {
			values.numbers = t.constants(f[4])
		}
		x := &Filter{Name: f[0], Category: f[1], Kind: f[2], Values: values.numbers}
		for _, d := range list(f[3]) {
			how, name, _ := strings.Cut(d, ":")
			x.Members = append(x.Members, Member{how, name})
			if how == "literal" && name != x.Name {
				t.FilterAliases[name] = x.Name
			}
		}
		t.Filters[x.Name] = x
	}
	return nil
}

// constants reads NAME=VALUE... and binds the names.
func (t *Table) constants(s string) map[string]int64 {
	if s == "-" {
		return nil
	}
	out := map[string]int64{}
	for _, a := range strings.Fields(s) {
		k, v, _ := strings.Cut(a, "=")
		n, err := strconv.ParseInt(v, 0, 64)
		if err != nil {
			panic("BUG(ops): constant " + a)
		}
		out[k], t.Constants[k] = n, n
	}
	return out
}

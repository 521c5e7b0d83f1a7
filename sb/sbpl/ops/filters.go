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

func (t *Table) filters(name string) error {
	rows, err := read("filters-" + name + ".tsv")
	if err != nil {
		return err
	}
	newest := map[string]string{}
	later, err := read("filters-10.15.tsv")
	if err != nil {
		return err
	}
	for _, f := range later {
		if f[0] != "alias" {
			newest[f[0]] = f[4]
			t.constants(f[4]) // a profile may name a constant that its release had elsewhere
		}
	}
	for _, f := range rows {
		if f[0] == "alias" {
			t.FilterAliases[f[1]] = f[2]
			continue
		}
		values := f[4]
		if values == "@" {
			values = newest[f[0]]
		}
		x := &Filter{Name: f[0], Category: f[1], Kind: f[2], Values: t.constants(values)}
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

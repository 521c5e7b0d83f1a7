package sbpl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

// OperationInfo is one operation of a release.
type OperationInfo struct {
	Name             string   `json:"name"`
	Parent           string   `json:"parent,omitempty"` // "" for a terminal operation
	Terminal         bool     `json:"terminal"`
	Default          Action   `json:"-"` // a terminal operation's
	FilterCategories []string `json:"filter_categories"`
	Evidence         string   `json:"evidence"` // exact, measured, published, carried, inferred
	Unverified       bool     `json:"unverified"`
}

// Operations lists a release's operations in table order, as (version 1) has
// them; nil for an unknown release.
func Operations(release string) []OperationInfo {
	t, err := ops.For(release)
	if err != nil {
		return nil
	}
	var out []OperationInfo
	for _, o := range t.ForVersion(1).Operations {
		i := OperationInfo{Name: o.Name, Parent: o.Parent, Terminal: o.Terminal(), FilterCategories: o.Categories,
			Evidence: o.Evidence.String(), Unverified: !o.Evidence.Verified()}
		if o.Terminal() {
			if i.Default = Deny; o.Allow {
				i.Default = Allow
			}
		}
		out = append(out, i)
	}
	return out
}

// FiltersOf lists the base names of the filters that an operation accepts.
func FiltersOf(release, op string) []string {
	t, err := ops.For(release)
	if err != nil || t.ByName[op] == nil {
		return nil
	}
	var out []string
	for name, f := range t.Filters {
		if t.ByName[op].Accepts(f.Category) && f.Category != "?" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// NamesOf lists the named arguments of a filter, such as AF_SYSTEM of
// socket-domain; with linux also those that only Linux has.
func NamesOf(release, filter string, linux bool) []string {
	tableOf := ops.For
	if linux {
		tableOf = ops.ForLinux
	}
	t, err := tableOf(release)
	if err != nil || t.Filters[filter] == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.Filters[filter].Values))
}

// ParseFilter reads name=value, a fact as a person writes it, by the names of
// any release.
func ParseFilter(arg string) (Filter, error) {
	name, value, ok := strings.Cut(arg, "=")
	if !ok {
		return Filter{}, fmt.Errorf("fact %q is not NAME=VALUE", arg)
	}
	var known []string
	for _, table := range []func() (*ops.Table, error){
		func() (*ops.Table, error) { return ops.ForLinux(ops.Newest) },
		func() (*ops.Table, error) { return ops.For("10.10") },
	} {
		t, err := table()
		if err != nil {
			return Filter{}, err
		}
		if base, ok := t.FilterAliases[name]; ok && t.Filters[base] != nil {
			name = base
		}
		if f := t.Filters[name]; f != nil {
			return Filter{name, value}, named(f, value)
		}
		known = slices.AppendSeq(known, maps.Keys(t.Filters))
		known = slices.AppendSeq(known, maps.Keys(t.FilterAliases))
	}
	if s := Suggest(name, known); s != "" {
		return Filter{}, fmt.Errorf("unknown filter %q: did you mean %s?", name, s)
	}
	return Filter{}, fmt.Errorf("unknown filter %q", name)
}

// named refuses a value that no rule could name: it would be answered as one
// that none does. A family of Linux without a name is such a value.
func named(f *ops.Filter, value string) error {
	_, known := f.Number(value)
	number := f.Kind == "integer" || f.Kind == "bitfield"
	switch {
	case known || !number || f.Name == "socket-domain" && strings.HasPrefix(value, "linux-"):
		return nil
	case f.Category == "?": // whether it has names is not known
		return nil
	case f.Values == nil:
		return fmt.Errorf("malformed %s %q: want a number", f.Name, value)
	}
	names := slices.Sorted(maps.Keys(f.Values))
	hint := ""
	if s := Suggest(value, names); s != "" {
		hint = ": did you mean " + s + "?"
	} else if len(names) < 20 {
		hint = ": it has " + strings.Join(names, ", ")
	}
	return fmt.Errorf("unknown value %q of %s%s", value, f.Name, hint)
}

// Physical is a path as the system sees it: /tmp, /var and /etc are symbolic
// links into /private. A query holds the physical path; a rule is never changed.
func Physical(path string) string {
	for _, link := range []string{"/tmp", "/var", "/etc"} {
		if below(path, link) {
			return "/private" + path
		}
	}
	return path
}

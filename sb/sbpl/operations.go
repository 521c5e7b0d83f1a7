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
	Unverified       bool     `json:"unverified"`
}

// Operations lists a release's operations in table order, nil for an unknown
// release.
func Operations(release string) []OperationInfo {
	t, err := ops.For(release)
	if err != nil {
		return nil
	}
	var out []OperationInfo
	for _, o := range t.Operations {
		i := OperationInfo{Name: o.Name, Parent: o.Parent, Terminal: o.Terminal(), FilterCategories: o.Categories, Unverified: o.Unverified}
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
	for name, f := range ops.Filters {
		if accepts(t.ByName[op], f.Category) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ParseFilter reads name=value, a fact as a person writes it.
func ParseFilter(arg string) (Filter, error) {
	name, value, ok := strings.Cut(arg, "=")
	if !ok {
		return Filter{}, fmt.Errorf("fact %q is not NAME=VALUE", arg)
	}
	if base, ok := ops.FilterAliases[name]; ok {
		name = base
	}
	if ops.Filters[name] == nil {
		known := slices.Collect(maps.Keys(ops.Filters))
		if s := Suggest(name, known); s != "" {
			return Filter{}, fmt.Errorf("unknown filter %q: did you mean %s?", name, s)
		}
		return Filter{}, fmt.Errorf("unknown filter %q", name)
	}
	return Filter{name, value}, nil
}

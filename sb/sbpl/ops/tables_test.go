package ops

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// shared is where the tables lie as they were taken, on machines that have them.
const shared = "../../../../shared/data/sbpl"

// TestTablesAreSound: every parent exists, every walk ends, every release has
// the filters that its operations' categories promise.
func TestTablesAreSound(t *testing.T) {
	for _, release := range Releases() {
		table, err := For(release)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range table.Operations {
			at, n := o, 0
			for ; !at.Terminal() && n < 10; n++ {
				if at = table.ByName[at.Parent]; at == nil {
					t.Fatalf("%s: the parent of %s does not exist", release, o.Name)
				}
			}
			if n == 10 {
				t.Errorf("%s: the walk of %s does not end", release, o.Name)
			}
		}
		for alias, name := range table.Aliases {
			if table.ByName[name] == nil {
				t.Errorf("%s: alias %s leads to %s, which does not exist", release, alias, name)
			}
		}
		if slices.Contains([]string{"10.11", "14", "15", "26"}, release) && !slices.ContainsFunc(table.Operations, func(o *Operation) bool { return !o.Evidence.Verified() }) {
			t.Errorf("%s: no entry is marked as unverified", release)
		}
	}
	for release, want := range map[string]string{"": "26", "10.15.2": "10.15", "14.4.1": "14", "26.4": "26"} {
		if table, err := For(release); err != nil || table.Release != want {
			t.Errorf("release %q: %v, want %s", release, err, want)
		}
	}
	if _, err := For("9.1"); err == nil {
		t.Error("release 9.1 has a table")
	}
}

// TestTablesMatchTheirSource compares with the tables as they were taken.
func TestTablesMatchTheirSource(t *testing.T) {
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("the source tables are not on this machine: %v", err)
	}
	counts := map[string]int{"10.9": 113, "10.10": 115, "10.12": 137, "10.13": 144, "10.14": 148, "10.15": 145}
	for _, release := range slices.Sorted(maps.Keys(counts)) {
		table, err := For(release)
		if err != nil {
			t.Fatal(err)
		}
		if len(table.Operations) != counts[release] {
			t.Errorf("%s: %d operations, want %d", release, len(table.Operations), counts[release])
		}
		matchOperations(t, table)
		matchFilters(t, table)
	}
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

func matchOperations(t *testing.T, table *Table) {
	var source struct {
		Operations []struct {
			Name       string
			Parent     *string
			Terminal   bool
			Default    *string
			Categories []string `json:"filter_categories"`
			Modifiers  []string
		}
		Aliases map[string]string `json:"operation_aliases"`
		NoOps   []string          `json:"no_op_operations"`
	}
	readJSON(t, "ops-"+table.Release+".json", &source)
	for _, want := range source.Operations {
		o := table.ByName[want.Name]
		if o == nil {
			t.Errorf("%s: %s is missing", table.Release, want.Name)
			continue
		}
		if o.Terminal() != want.Terminal || !o.Terminal() && o.Parent != *want.Parent || o.Terminal() && o.Allow != (*want.Default == "allow") {
			t.Errorf("%s: %s: parent %q, default allow %v", table.Release, o.Name, o.Parent, o.Allow)
		}
		if !slices.Equal(o.Categories, want.Categories) || !slices.Equal(o.Modifiers, want.Modifiers) {
			t.Errorf("%s: %s: categories %v, modifiers %v; want %v, %v", table.Release, o.Name, o.Categories, o.Modifiers, want.Categories, want.Modifiers)
		}
	}
	if !maps.Equal(table.Aliases, source.Aliases) || len(table.NoOps) != len(source.NoOps) {
		t.Errorf("%s: aliases %v, want %v", table.Release, table.Aliases, source.Aliases)
	}
}

func matchFilters(t *testing.T, table *Table) {
	var source struct {
		Filters []struct {
			Name, Category string
			Identifiers    map[string]string
			Derived        map[string]string
			Named          []struct {
				Name  string
				Value int64
			} `json:"named_arguments"`
		}
	}
	readJSON(t, "filters-"+table.Release+".json", &source)
	for _, want := range source.Filters {
		if want.Name[0] == '%' || table.Old() && want.Name == "process-attribute" { // made by procedures of the library
			continue
		}
		name := want.Name
		if base, ok := table.FilterAliases[name]; ok {
			name = base
		}
		f := table.Filters[name]
		if f == nil || f.Category != want.Category {
			t.Errorf("%s: filter %s: %+v", table.Release, want.Name, f)
			continue
		}
		var members []string
		for _, m := range f.Members {
			members = append(members, m.Name)
		}
		for _, id := range slices.Concat(slices.Collect(maps.Values(want.Identifiers)), slices.Collect(maps.Values(want.Derived))) {
			if !slices.Contains(members, id) {
				t.Errorf("%s: filter %s: member %s is missing", table.Release, want.Name, id)
			}
		}
		for _, n := range want.Named {
			if v, ok := f.Values[n.Name]; !ok || v != n.Value {
				t.Errorf("%s: filter %s: %s is %d, want %d", table.Release, want.Name, n.Name, v, n.Value)
			}
		}
	}
}

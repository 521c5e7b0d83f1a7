package tables

import (
	"github.com/hrhost/hrhost/plugins/internal/source"
	"github.com/hrhost/hrhost/sdk"
)

// Family is one directory of plugins.
type Family struct {
	Directory     string
	Spec          *sdk.Spec
	InDefaultPlan bool
}

// List writes the list of families for package internal/families.
func List() ([]byte, error) {
	var entries []source.Entry
	for _, f := range All() {
		e := source.Entry{Name: f.Spec.Family, DefaultPlan: f.InDefaultPlan}
		for _, p := range f.Spec.Probes {
			e.Operations = append(e.Operations, p.Operation)
		}
		entries = append(entries, e)
	}
	return source.ListOf(entries)
}

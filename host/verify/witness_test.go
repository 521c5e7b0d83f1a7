package verify

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// TestRowsOfAnotherProcess: a row counts for an expectation about a process when it has
// the relations of that process and no other. Rows of version 1 count as they did.
func TestRowsOfAnotherProcess(t *testing.T) {
	for _, c := range []struct {
		name, target, operation, relations, seal string
		version                                  int
		want                                     bool
	}{
		{"a sibling", "sibling", "signal", "others same-sandbox", "self", 2, true},
		{"a child, called sibling", "sibling", "signal", "others children same-sandbox", "self", 2, false},
		{"the same, of version 1", "sibling", "signal", "others children same-sandbox", "self", 1, true},
		{"the same, under wrap", "sibling", "signal", "others children same-sandbox", "wrap", 2, true},
		{"a child of another group", "child", "signal", "others children same-sandbox", "self", 2, false},
		{"a child", "child", "signal", "others children pgrp same-sandbox", "self", 2, true},
		{"a dependency", "sibling", "process-info-pidinfo", "others children same-sandbox", "self", 2, true},
		{"no relation", "self", "signal", "", "self", 2, false},
	} {
		schema := bundle.SchemaAt(bundle.WitnessEvents, c.version)
		k := newWitnessed(&opened{manifest: bundle.Manifest{OS: "linux"}, listed: map[string]bundle.IndexEntry{bundle.WitnessEvents: {SchemaVersion: &schema}}})
		about := &tally{Expectation: bundle.Expectation{Operation: "signal", Filter: lane.Filter{Name: "target", Value: c.target}, Target: c.target}}
		row := &lane.WitnessRow{PID: 7, Target: &lane.ProcessTarget{PID: 8, Relations: strings.Fields(c.relations)}}
		row.Operation, row.SealMode, row.Filter = c.operation, c.seal, lane.Filter{Name: "target", Value: "pid:8@5"}
		if got := k.ofTarget(about, row); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

package mismatch

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hrhost/hrhost/host/lane"
)

// Suggest is the narrowest rule that would allow what a witness row denied.
func Suggest(row *lane.WitnessRow) string {
	f := row.Filter
	switch {
	case f.Name == "target" && row.Target != nil:
		return fmt.Sprintf("(allow %s (target %s))", row.Operation, closest(row.Target.Relations))
	case f.Name == "" || f.Name == "target":
		return fmt.Sprintf("(allow %s)", row.Operation)
	case f.Name == "socket-domain":
		return fmt.Sprintf("(allow %s %s)", row.Operation, socket(f, row.Facts))
	}
	return fmt.Sprintf("(allow %s (%s %s))", row.Operation, f.Name, strconv.Quote(f.Value))
}

// socket is a filter of all that a socket was judged on: names and numbers,
// which stand without quotes.
func socket(domain lane.Filter, facts []lane.Filter) string {
	all := fmt.Sprintf("(%s %s)", domain.Name, domain.Value)
	if len(facts) == 0 {
		return all
	}
	for _, f := range facts {
		all += fmt.Sprintf(" (%s %s)", f.Name, f.Value)
	}
	return "(require-all " + all + ")"
}

// closest is the relation that holds for the fewest processes.
func closest(relations []string) string {
	for _, r := range []string{"self", "children", "pgrp", "same-sandbox", "initproc"} {
		if slices.Contains(relations, r) {
			return r
		}
	}
	return "others"
}

package main

import (
	"bytes"
	"testing"

	"github.com/hrhost/hrhost/host/plan"
)

// The same flags make the same plan: its digest is in every row.
func TestSweepPlanIsTheSame(t *testing.T) {
	f := sweepFlags{
		profile: "p.sb", operation: "sysctl-read", match: "net.*", seal: "self", bus: "private",
		params: []string{"A=", "B=b=c", "C=\x00"},
	}
	o := plan.Options{ReadFile: func(string) ([]byte, error) { return []byte("(version 1)(allow default)"), nil }}
	var first *plan.Plan
	for range 50 {
		d, err := f.draft()
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.New(*d, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Profiles[0].Params; got["A"] != "" || got["B"] != "b=c" || got["C"] != "\x00" || len(got) != 3 {
			t.Fatalf("parameters %q", got)
		}
		if first == nil {
			first = p
		}
		if !bytes.Equal(p.Source, first.Source) {
			t.Fatalf("first\n%s\nthen\n%s", first.Source, p.Source)
		}
	}
}

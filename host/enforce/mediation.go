package enforce

import (
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Mediation is one operation of the profile language that is decided in this
// world, and through what. An operation without one is never decided.
type Mediation struct {
	Operation string   `json:"operation"`
	Objects   string   `json:"objects"`  // what it is decided about
	Filters   []string `json:"filters"`  // the facts it is judged on
	Carriers  []string `json:"carriers"` // the calls or messages that are judged
	Lane      string   `json:"lane"`     // who says what was decided, and whether it misses anything
}

// Names are the operations of a list.
func Names(l []Mediation) []string {
	names := make([]string, len(l))
	for i := range l {
		names[i] = l[i].Operation
	}
	return names
}

// Facts are what a target says as a value of a filter, as a policy is asked.
func Facts(filter, target string) []sbpl.Filter {
	var facts []sbpl.Filter
	for _, f := range lane.Facts(filter, target) {
		facts = append(facts, sbpl.Filter(f))
	}
	return facts
}

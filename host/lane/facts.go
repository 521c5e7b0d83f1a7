package lane

import (
	"slices"
	"strings"
)

// socketFacts are what a socket is judged on, and the order in which a plan
// writes them in one word: DOMAIN[/TYPE[/PROTOCOL]], AF_NETLINK/SOCK_RAW/0.
var socketFacts = []string{"socket-domain", "socket-type", "socket-protocol"}

// Facts are what a target says as a value of a filter: one fact, but for a
// socket, of which it says up to three. What it leaves out is not known.
func Facts(filter, target string) []Filter {
	if filter != socketFacts[0] {
		return []Filter{{filter, target}}
	}
	var facts []Filter
	for i, v := range strings.SplitN(target, "/", len(socketFacts)) {
		facts = append(facts, Filter{socketFacts[i], v})
	}
	return facts
}

// About are the filters, as a plan writes them, that a row is about: its own,
// each of its other facts, and for a socket the words that name more of it.
func (r *WitnessRow) About() []Filter {
	if len(r.Facts) == 0 {
		return []Filter{r.Filter}
	}
	about := append([]Filter{r.Filter}, r.Facts...)
	if r.Filter.Name == socketFacts[0] {
		word := r.Filter
		for _, f := range r.Facts {
			word.Value += "/" + f.Value
			about = append(about, word)
		}
	}
	return about
}

// belies reports that the row has facts of that name, and none of that value. A signal
// has two: its name, and the language's own number.
func (r *WitnessRow) belies(f Filter) bool {
	named := func(g Filter) bool { return g.Name == f.Name }
	return slices.ContainsFunc(r.Facts, named) && !slices.Contains(r.Facts, f)
}

package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/pattern"
)

// truth is Kleene's: a filter whose fact is missing is neither.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func (t truth) String() string { return [...]string{"no", "unknown", "yes"}[t] }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// how is the way in which a leaf asks for its fact.
type how uint8

const (
	literal  how = iota // any of values
	prefix              // begins with any of values
	subpath             // is any of values, or below it
	matching            // matches any of patterns
	number              // any of numbers
	bits                // has all bits of any of numbers
	network             // any of ends
	unix                // a UNIX socket
	entitled            // an entitlement of the caller
)

// test is one filter of a rule: a leaf, or a combination of others.
type test struct {
	all, any []*test
	not      *test
	below    int // how many filters a combination is made of

	fact     string // a leaf asks for
	category string
	filter   *ops.Filter
	how      how
	fold     bool // without case
	values   []string
	numbers  []int64
	patterns []*pattern.Pattern
	ends     []end
	match    entitlementMatch
}

func (t *test) leaf() bool { return t.all == nil && t.any == nil && t.not == nil }

// holds evaluates the filter; nil always holds. missing collects the names of
// facts that were asked for in vain; it may be nil.
func (t *test) holds(q *Query, missing *[]string) truth {
	switch {
	case t == nil:
		return yes
	case t.not != nil:
		return yes - t.not.holds(q, missing)
	case t.all != nil:
		out := yes
		for _, s := range t.all {
			if out = min(out, s.holds(q, missing)); out == no {
				return no
			}
		}
		return out
	case t.any != nil:
		out := no
		for _, s := range t.any {
			if out = max(out, s.holds(q, missing)); out == yes {
				return yes
			}
		}
		return out
	case t.how == entitled:
		return t.entitlement(q, missing)
	case t.how == unix:
		return t.unixSocket(q, missing)
	}
	return t.asks(q, missing)
}

// asks compares the values that the query has for the leaf's fact.
func (t *test) asks(q *Query, missing *[]string) truth {
	out, known := no, false
	for i := range q.Filters {
		if q.Filters[i].Name != t.fact {
			continue
		}
		known = true
		if out = max(out, t.matches(q.Filters[i].Value, q.Spend)); out == yes {
			return yes
		}
	}
	if !known && !q.lacks(t.fact) {
		out = maybe
	}
	if out == maybe {
		note(missing, t.fact)
	}
	return out
}

// note adds a fact to those that are missing.
func note(missing *[]string, fact string) {
	if missing != nil && !slices.Contains(*missing, fact) {
		*missing = append(*missing, fact)
	}
}

// lacks reports that the query's object or process is known to have no value
// of a fact for which the query holds none.
func (q *Query) lacks(fact string) bool {
	if fact == "system-attribute" || slices.Contains(q.Absent, fact) { // the system has none unless the query says so
		return true
	}
	for i := range q.Filters {
		if excludes(q.Filters[i].Name, fact) {
			return true
		}
	}
	return false
}

// excludes reports that what has the one fact cannot have the other: the three
// name spaces of mach services, and the two ends of sockets and their paths.
func excludes(has, asked string) bool {
	switch has {
	case "global-name", "local-name", "xpc-service-name":
		return asked == "global-name" || asked == "local-name" || asked == "xpc-service-name"
	case "path":
		return asked == "local" || asked == "remote" || asked == "control-name"
	case "local", "remote":
		return asked == "path" || asked == "control-name"
	case "control-name":
		return asked == "path" || asked == "local" || asked == "remote"
	}
	return false
}

// each visits the leaves.
func (t *test) each(visit func(*test)) {
	if t == nil {
		return
	}
	for _, s := range t.all {
		s.each(visit)
	}
	for _, s := range t.any {
		s.each(visit)
	}
	t.not.each(visit)
	if t.leaf() {
		visit(t)
	}
}

// weight is how many filters a test is made of.
func (t *test) weight() int { return 1 + t.below }

// weighed notes the weight of a new combination.
func (t *test) weighed() *test {
	for _, s := range t.all {
		t.below += s.weight()
	}
	for _, s := range t.any {
		t.below += s.weight()
	}
	if t.not != nil {
		t.below += t.not.weight()
	}
	return t
}

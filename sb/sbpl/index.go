package sbpl

import (
	"slices"
	"sort"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/pattern"
)

// none is the place of no rule.
const none = int32(1<<31 - 1)

// index finds the first rule of a list that holds without trying each. A rule
// is known by its place in the order in which a walk tries them. Leaves that
// stand alone in a rule, or under require-any, are found by the value of their
// fact; what is left is tried in order.
type index struct {
	facts  []factIndex
	others []placed
}

// placed is a filter of the rule at a place.
type placed struct {
	place int32
	cost  int // how many values it compares at most
	test  *test
}

// factIndex finds rules by the value of one fact. Each map and list holds the
// first place at which something stands.
type factIndex struct {
	fact     string
	filter   *ops.Filter
	first    int32 // the first place that asks for the fact at all
	fold     bool
	literals map[string]int32
	subpaths map[string]int32
	root     int32 // of (subpath "/")
	prefixes []prefixed
	numbers  map[int64]int32
	regexes  *pattern.Set
	matched  []int32 // the places of its patterns, in order
	patterns []*pattern.Pattern
}

// prefixed is one prefix. within is the longest other one that it begins with.
type prefixed struct {
	text   string
	place  int32
	within int
}

func newIndex(rules []*rule) *index {
	ix := &index{}
	for place, r := range rules {
		alternatives := []*test{r.test}
		if r.test.any != nil {
			alternatives = r.test.any
		}
		for _, t := range alternatives {
			ix.add(t, int32(place))
		}
	}
	for i := range ix.facts {
		ix.facts[i].finish()
	}
	return ix
}

func (ix *index) add(t *test, place int32) {
	if !indexable(t) {
		ix.others = append(ix.others, placed{place, cost(t), t})
		return
	}
	f := ix.fact(t, place)
	switch t.how {
	case literal:
		for _, v := range t.values {
			keep(&f.literals, v, place)
		}
	case prefix:
		for _, v := range t.values {
			f.prefixes = append(f.prefixes, prefixed{v, place, -1})
		}
	case subpath:
		for _, v := range t.values {
			if v == "/" {
				f.root = min(f.root, place)
			} else {
				keep(&f.subpaths, v, place)
			}
		}
	case number:
		for _, n := range t.numbers {
			keep(&f.numbers, n, place)
		}
	case matching:
		for _, p := range t.patterns {
			f.patterns, f.matched = append(f.patterns, p), append(f.matched, place)
		}
	}
	f.fold = f.fold || t.fold
}

// cost is how many values a filter compares at most.
func cost(t *test) int {
	n := 0
	t.each(func(leaf *test) { n += 1 + len(leaf.values) + len(leaf.numbers) + len(leaf.patterns) + len(leaf.ends) })
	return n
}

func indexable(t *test) bool {
	switch {
	case !t.leaf():
		return false
	case t.how == matching:
		return !slices.ContainsFunc(t.patterns, func(p *pattern.Pattern) bool { return p.Doubt() != nil })
	}
	return t.how == literal || t.how == prefix || t.how == subpath || t.how == number
}

func (ix *index) fact(t *test, place int32) *factIndex {
	for i := range ix.facts {
		if ix.facts[i].fact == t.fact {
			return &ix.facts[i]
		}
	}
	ix.facts = append(ix.facts, factIndex{fact: t.fact, filter: t.filter, first: place, root: none})
	return &ix.facts[len(ix.facts)-1]
}

// keep notes a place unless there is one before it.
func keep[K comparable](m *map[K]int32, k K, place int32) {
	if *m == nil {
		*m = map[K]int32{}
	}
	if _, ok := (*m)[k]; !ok {
		(*m)[k] = place
	}
}

func (f *factIndex) finish() {
	if f.patterns != nil {
		f.regexes = pattern.NewSet(f.patterns)
		f.patterns = nil
	}
	sort.SliceStable(f.prefixes, func(i, j int) bool { return f.prefixes[i].text < f.prefixes[j].text })
	f.prefixes = slices.CompactFunc(f.prefixes, func(a, b prefixed) bool { return a.text == b.text }) // the first place stays
	var open []int
	for i := range f.prefixes {
		for len(open) > 0 && !strings.HasPrefix(f.prefixes[i].text, f.prefixes[open[len(open)-1]].text) {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			f.prefixes[i].within = open[len(open)-1]
		}
		open = append(open, i)
	}
}

// find is the first place whose rule holds, and the first whose rule may hold
// but for a fact that is missing.
func (ix *index) find(q *Query) (holds, unknown int32) {
	holds, unknown = none, none
	for i := range ix.facts {
		f := &ix.facts[i]
		known := false
		for j := range q.Filters {
			if q.Filters[j].Name == f.fact {
				known = true
				if f.first < holds {
					holds = f.lookup(q.Filters[j].Value, holds, q.Spend)
				}
			}
		}
		if !known && f.first < unknown && !q.lacks(f.fact) {
			unknown = f.first
		}
	}
	for i := range ix.others {
		o := &ix.others[i]
		if o.place >= holds {
			break
		}
		if q.Spend != nil && !q.Spend(o.cost*q.size()) {
			return none, o.place // without a further look
		}
		switch o.test.holds(q, nil) {
		case yes:
			holds = o.place
		case maybe:
			unknown = min(unknown, o.place)
		}
	}
	return holds, unknown
}

// lookup is the first place, before best, at which a value is asked for.
func (f *factIndex) lookup(v string, best int32, spend pattern.Spend) int32 {
	if f.regexes != nil {
		if i := f.regexes.First(v, spend); i >= 0 {
			best = min(best, f.matched[i])
		}
	}
	if f.numbers != nil {
		t := test{filter: f.filter}
		if n, ok := t.numberOf(v); ok {
			if p, ok := f.numbers[n]; ok {
				best = min(best, p)
			}
		}
	}
	if f.fold {
		v = strings.ToLower(v)
	}
	if p, ok := f.literals[v]; ok {
		best = min(best, p)
	}
	if f.prefixes != nil {
		best = f.prefix(v, best)
	}
	if f.root < best && strings.HasPrefix(v, "/") {
		best = f.root
	}
	if f.subpaths != nil {
		best = f.above(v, best, spend)
	}
	return best
}

// prefix asks for the prefixes of v: the last prefix that sorts before v, and
// those within which it lies.
func (f *factIndex) prefix(v string, best int32) int32 {
	i := sort.Search(len(f.prefixes), func(i int) bool { return f.prefixes[i].text > v }) - 1
	for ; i >= 0; i = f.prefixes[i].within {
		if p := &f.prefixes[i]; p.place < best && strings.HasPrefix(v, p.text) {
			best = p.place
		}
	}
	return best
}

// longPath is longer than any path that a system takes.
const longPath = 4096

// size is how much there is in a query to compare with.
func (q *Query) size() int {
	n := 1
	for i := range q.Filters {
		n += 1 + len(q.Filters[i].Value)/256
	}
	return n
}

// above asks for v and each directory above it.
func (f *factIndex) above(v string, best int32, spend pattern.Spend) int32 {
	for end := len(v); end > 0; end = strings.LastIndexByte(v[:end], '/') {
		if end > longPath && spend.Refuses(end/256) {
			break
		}
		if p, ok := f.subpaths[v[:end]]; ok && p < best {
			best = p
		}
	}
	return best
}

package sbpl

import (
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

// Policy is a compiled profile.
type Policy struct {
	table    *table
	lists    []ordered // by operation's index
	library  string    // that the version form loads
	imports  []Import
	warnings []Warning // found while compiling
	version  Pos       // of the version form
}

// ordered is one operation's rules in the order of a walk.
type ordered struct {
	op     *ops.Operation
	rules  []*rule // filtered
	group  []int32 // by rule: the system makes neighbours of one action into one "any of"
	always *rule   // nil: the parent follows
	doubt  *rule   // one that the system may add before all
	parent int     // its index
	walk   []string
	index  atomic.Pointer[index] // made when first asked
}

// newPolicy puts a table in the order of walks.
func newPolicy(t *table) *Policy {
	p := &Policy{table: t, lists: make([]ordered, len(t.lists)), library: t.release.Library()}
	walks := walksOf(t.release)
	for i := range t.lists {
		l, o := &t.lists[i], &p.lists[i]
		o.op, o.always, o.doubt, o.walk, o.parent = l.op, l.always, l.doubt, walks[i].names, walks[i].parent
		for j := len(l.filtered) - 1; j >= 0; j-- {
			o.rules = append(o.rules, l.filtered[j])
		}
		g := int32(0)
		for j, r := range o.rules {
			if j > 0 && (r.action != o.rules[j-1].action || !sameModifiers(r.modifiers, o.rules[j-1].modifiers)) {
				g++
			}
			o.group = append(o.group, g)
		}
	}
	return p
}

// Decide answers a query. It takes no lock and, with an answer, makes no
// garbage.
func (p *Policy) Decide(q Query) Decision {
	q.adopt()
	at, err := p.resolve(q.Operation)
	if err != nil {
		return Decision{Err: err}
	}
	w := walk{p: p, walk: p.lists[at].walk}
	for {
		l := &p.lists[at]
		w.depth++
		w.doubts(l, &q)
		if len(l.rules) > 0 {
			holds, unknown := l.indexed().find(&q)
			if unknown < holds && (holds == none || l.group[unknown] < l.group[holds]) {
				return w.unknown(l, unknown, &q)
			}
			if holds != none {
				return w.decided(l, l.rules[holds], &q)
			}
		}
		if l.always != nil {
			return w.decided(l, l.always, &q)
		}
		w.link(l)
		at = l.parent
	}
}

func (l *ordered) indexed() *index {
	ix := l.index.Load()
	if ix == nil { // two goroutines may both make it: they make the same
		ix = newIndex(l.rules)
		l.index.Store(ix)
	}
	return ix
}

// walk is a decision on its way.
type walk struct {
	p     *Policy
	walk  []string
	depth int
	rests ops.Evidence   // on the weakest entry of the table so far
	weak  *ops.Operation // which
	doubt *rule          // the first that the system may add, and that then may hold
}

// doubts notes a rule that the system may add to a list.
func (w *walk) doubts(l *ordered, q *Query) {
	if l.doubt != nil && w.doubt == nil && l.doubt.test.holds(q, nil) != no {
		w.doubt = l.doubt
	}
}

// link notes that the walk goes on at the parent, as the table says.
func (w *walk) link(l *ordered) { w.rest(l.op, l.op.Evidence) }

func (w *walk) rest(op *ops.Operation, e ops.Evidence) {
	if e > w.rests {
		w.rests, w.weak = e, op
	}
}

func (w *walk) decided(l *ordered, r *rule, q *Query) Decision {
	if w.doubt != nil && w.doubt.action != r.action {
		return w.doubtful(l, r, q)
	}
	switch {
	case r.builtin:
		w.rest(l.op, l.op.Evidence)
	case r.implicit:
		w.rest(l.op, r.evidence)
	}
	return Decision{
		Action: r.action, Modifiers: r.modifiers, Rule: r.place(), Via: r.led(), RuleText: r.text,
		Operation: l.op.Name, Walk: w.walk[:w.depth], Default: r.builtin, Implicit: r.implicit,
		Confidence: w.rests.String(), Unverified: !w.rests.Verified(), Reason: w.reason(), Library: w.library(r),
	}
}

// library names the library that adds a rule.
func (w *walk) library(r *rule) string {
	if !r.implicit {
		return ""
	}
	return w.p.library
}

// doubtful is the answer when a rule that the system may add would change it.
func (w *walk) doubtful(l *ordered, r *rule, q *Query) Decision {
	d := Decision{
		Operation: l.op.Name, Walk: w.walk[:w.depth], Rule: r.place(), Via: r.led(), RuleText: r.text,
		Default: r.builtin, Implicit: r.implicit, Library: w.library(r),
		Reason: fmt.Sprintf("%s may add %s: %s", w.p.library, w.doubt.text, w.doubt.source),
	}
	w.doubt.test.holds(q, &d.Missing)
	return d
}

// reasons are the sentences of Decision.Reason, made once.
var reasons [ops.Inferred + 1]atomic.Pointer[map[string]string]

func (w *walk) reason() string {
	if w.rests.Verified() {
		return ""
	}
	if m := reasons[w.rests].Load(); m != nil {
		if s, ok := (*m)[w.weak.Name]; ok {
			return s
		}
	}
	return addReason(w.rests, w.weak.Name)
}

func addReason(e ops.Evidence, op string) string {
	why := "is that of 10.15, carried over"
	switch e {
	case ops.Inferred:
		why = "is inferred, not known"
	case ops.Published:
		why = "is taken from a text of Apple, no decision was seen"
	}
	s := "the table's entry of " + op + " " + why
	next := map[string]string{op: s}
	if m := reasons[e].Load(); m != nil {
		for k, v := range *m {
			next[k] = v
		}
	}
	reasons[e].Store(&next)
	return s
}

// unknown is the answer when a fact is missing that would settle it.
func (w *walk) unknown(l *ordered, first int32, q *Query) Decision {
	r := l.rules[first]
	d := Decision{
		Operation: l.op.Name, Walk: w.walk[:w.depth], Rule: r.place(), Via: r.led(), RuleText: r.text,
		Default: r.builtin, Implicit: r.implicit, Library: w.library(r),
	}
	for i := int(first); i < len(l.rules) && l.group[i] == l.group[first]; i++ {
		if l.rules[i].test.holds(q, nil) == maybe {
			l.rules[i].test.holds(q, &d.Missing)
		}
	}
	d.Reason = "it depends on a fact that the query does not hold"
	return d
}

// resolve finds an operation. A query may use an alias, except sysctl-write,
// which has an entry of its own that only a profile's name for it passes over.
func (p *Policy) resolve(op string) (int, error) {
	t := p.table.release
	if o := t.ByName[op]; o != nil {
		return o.Index, nil
	}
	if a, ok := t.Aliases[op]; ok {
		return t.ByName[a].Index, nil
	}
	known := names(t)
	err := fmt.Errorf("unknown operation %q in the table of %s", op, t.Release)
	if s := Suggest(op, known); s != "" {
		err = fmt.Errorf("unknown operation %q: did you mean %s?", op, s)
	}
	return 0, err
}

// adopt makes the process's facts facts of the query.
func (q *Query) adopt() {
	p := q.Process
	if p == nil {
		return
	}
	add := func(name, v string) { q.Filters = append(slices.Clip(q.Filters), Filter{name, v}) }
	if p.Path != "" {
		add("process-path", p.Path)
		add("process-name", p.Path[lastSlash(p.Path)+1:])
	}
	if p.SigningID != "" {
		add("signing-identifier", p.SigningID)
	}
	if p.UID != nil {
		add("uid", strconv.Itoa(*p.UID))
	}
	for _, a := range p.Attributes {
		add("process-attribute", a)
	}
	for _, e := range p.Extensions {
		add("extension", e)
	}
	if p.Attributes != nil && len(p.Attributes) == 0 {
		q.Absent = append(slices.Clip(q.Absent), "process-attribute")
	}
	if p.Extensions != nil && len(p.Extensions) == 0 {
		q.Absent = append(slices.Clip(q.Absent), "extension")
	}
}

func lastSlash(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return i
		}
	}
	return -1
}

// Version is the place of the (version N) form.
func (p *Policy) Version() Pos { return p.version }

// Imports is the import closure, in the order of first use.
func (p *Policy) Imports() []Import { return p.imports }

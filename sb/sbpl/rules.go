package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

// rule is one (allow ...) or (deny ...) that was evaluated. It stands in the
// list of each operation that it names.
type rule struct {
	test      *test // nil: always
	action    Action
	modifiers []Modifier
	pos       Pos
	via       Pos // the form of the profile's top level that led here
	text      string
	implicit  bool         // the system adds it
	builtin   bool         // the release's table says it
	evidence  ops.Evidence // of a rule that the system adds
	source    string       // that evidence
}

// place is where the rule stands in the profile. A rule of the system stands nowhere.
func (r *rule) place() Pos {
	if r.implicit || r.builtin {
		return Pos{}
	}
	return r.pos
}

// led is the form of the profile's top level that led to the rule.
func (r *rule) led() Pos {
	if r.implicit || r.builtin {
		return Pos{}
	}
	return r.via
}

// Provenance is whose a rule is.
type Provenance string

const (
	FromProfile Provenance = "profile" // the profile has it, at a place
	FromDefault Provenance = "default" // the release's table of operations: no rule of the profile decided
	FromSystem  Provenance = "system"  // the system adds it to every profile
)

func (r *rule) provenance() Provenance {
	switch {
	case r.implicit:
		return FromSystem
	case r.builtin:
		return FromDefault
	}
	return FromProfile
}

// list is the rules of one operation as they are being collected: the filtered
// ones in the order of the text, and the last unfiltered one.
type list struct {
	op       *ops.Operation
	filtered []*rule
	always   *rule // nil: the parent's list follows
	replaced []*rule
	doubt    *rule // one that the system may add
}

// table is the rules by operation.
type table struct {
	release *ops.Table
	lists   []list // by operation's index
}

// newTable holds what the release says before any rule.
func newTable(release *ops.Table) *table {
	t := &table{release: release, lists: make([]list, len(release.Operations))}
	walks := walksOf(release)
	for i, o := range release.Operations {
		t.lists[i].op = o
		if !o.Terminal() {
			continue
		}
		r := &rule{action: Deny, builtin: true, text: walks[i].unless}
		if o.Allow {
			r.action = Allow
		}
		t.lists[i].always = r
	}
	return t
}

// originate traces the defaults to the version form.
func (t *table) originate(pos Pos) {
	for i := range t.lists {
		if r := t.lists[i].always; r != nil {
			r.pos = pos
		}
	}
}

func (t *table) list(op string) *list { return &t.lists[t.release.ByName[op].Index] }

// add enters one rule for one operation, as docs/sbpl.md section 4 says.
func (t *table) add(op string, r *rule) {
	l := t.list(op)
	if r.test != nil {
		l.filtered = append(l.filtered, r)
		return
	}
	if l.always != nil && !l.always.builtin {
		l.replaced = append(l.replaced, l.always)
	}
	l.always = r
}

// can reports whether some entry that the operation's walk may meet has the
// action, filters ignored.
func (t *table) can(op string, a Action) bool {
	for {
		l := t.list(op)
		if slices.ContainsFunc(l.filtered, func(r *rule) bool { return r.action == a }) {
			return true
		}
		if l.always != nil {
			return l.always.action == a
		}
		op = l.op.Parent
	}
}

func sameModifiers(a, b []Modifier) bool {
	return slices.EqualFunc(a, b, func(x, y Modifier) bool { return x.Name == y.Name && slices.Equal(x.Args, y.Args) })
}

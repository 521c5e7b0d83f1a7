package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

// entry is one line of an operation's list: a test with its action, or the jump
// to the parent that ends the list.
type entry struct {
	test      *test // nil: always
	action    Action
	modifiers []Modifier
	pos       Pos
	text      string
	implicit  bool
	builtin   bool   // of the release's table
	jump      string // the parent; "" for a test
}

// table is the rules by operation, in the order of section 4.2 of docs/sbpl.md:
// filtered entries first, the latest in front, and last the entry that always
// holds, or the jump.
type table struct {
	release *ops.Table
	lists   map[string][]entry
}

func newTable(release *ops.Table) *table {
	t := &table{release: release, lists: map[string][]entry{}}
	for _, o := range release.Operations {
		e := entry{jump: o.Parent}
		if o.Terminal() {
			e = entry{action: Deny, builtin: true, pos: Pos{File: "<operation table " + release.Release + ">"}}
			if o.Allow {
				e.action = Allow
			}
			e.text = "(" + e.action.String() + " " + o.Name + ")"
		}
		t.lists[o.Name] = []entry{e}
	}
	return t
}

// add enters one rule for one operation.
func (t *table) add(op string, e entry) {
	list := t.lists[op]
	if e.test == nil {
		list[len(list)-1] = e
		return
	}
	// The system merges a rule with the one in front when action and modifiers
	// are equal. Two entries decide the same, and each keeps its own position.
	t.lists[op] = slices.Insert(list, 0, e)
}

// can reports whether some entry that the operation's walk may meet has the
// action, filters ignored.
func (t *table) can(op string, a Action) bool {
	for {
		list := t.lists[op]
		for _, e := range list {
			if e.jump == "" && e.action == a {
				return true
			}
		}
		last := list[len(list)-1]
		if last.jump == "" {
			return false
		}
		op = last.jump
	}
}

func sameModifiers(a, b []Modifier) bool {
	return slices.EqualFunc(a, b, func(x, y Modifier) bool { return x.Name == y.Name && slices.Equal(x.Args, y.Args) })
}

package sbpl

import "fmt"

// Policy is a compiled profile.
type Policy struct {
	table    *table
	walks    map[string][]string // operation -> itself and its ancestors
	imports  []Import
	warnings []Warning
	options  Options
}

// Tried is one entry that a walk came to.
type Tried struct {
	Operation string `json:"operation"`
	Rule      Pos    `json:"rule"`
	Text      string `json:"text"`
	Action    string `json:"action"`
	Holds     string `json:"holds"` // yes, no, unknown
}

// Decide answers a query.
func (p *Policy) Decide(q Query) Decision { return p.walk(&q, nil) }

// Explain is Decide with the entries that were tried.
func (p *Policy) Explain(q Query) (Decision, []Tried) {
	tried := []Tried{}
	d := p.walk(&q, &tried)
	return d, tried
}

// walk tries entry after entry. It is definite only when it meets a test that
// holds before any whose fact is missing.
func (p *Policy) walk(q *Query, tried *[]Tried) Decision {
	op, err := p.resolve(q.Operation)
	if err != nil {
		return Decision{Err: err}
	}
	chain := p.walks[op]
	for depth, at := range chain {
		list := p.table.lists[at]
		for i := range list {
			e := &list[i]
			if e.jump != "" {
				break
			}
			t := e.test.holds(q, nil)
			if tried != nil {
				*tried = append(*tried, Tried{at, e.pos, e.text, e.action.String(), [...]string{"no", "unknown", "yes"}[t]})
			}
			switch t {
			case yes:
				return p.decision(e, at, chain[:depth+1])
			case maybe:
				// The system merges neighbours of one action into one
				// "any of", which holds when any of them does.
				if j := p.merged(q, list, i); j >= 0 {
					return p.decision(&list[j], at, chain[:depth+1])
				}
				d := Decision{Operation: at, Walk: chain[:depth+1]}
				e.test.holds(q, &d.Missing)
				return d
			}
		}
	}
	return Decision{Err: fmt.Errorf("BUG(sbpl): the walk of %q has no end", op)}
}

// merged finds an entry that holds among those merged with entry i, -1 when
// there is none.
func (p *Policy) merged(q *Query, list []entry, i int) int {
	for j := i + 1; j < len(list); j++ {
		e := &list[j]
		if e.test == nil || e.jump != "" || e.action != list[i].action || !sameModifiers(e.modifiers, list[i].modifiers) {
			return -1
		}
		if e.test.holds(q, nil) == yes {
			return j
		}
	}
	return -1
}

func (p *Policy) decision(e *entry, at string, walk []string) Decision {
	d := Decision{
		Action: e.action, Modifiers: e.modifiers, Rule: e.pos, RuleText: e.text,
		Operation: at, Walk: walk, Default: e.builtin, Implicit: e.implicit,
	}
	for _, op := range walk {
		if p.table.release.ByName[op].Unverified {
			d.Unverified = true
			d.Reason = "the table's entry of " + op + " is not verified for this release"
		}
	}
	return d
}

// resolve finds the table's name of an operation. A query may use an alias,
// except sysctl-write, which has an entry of its own that only a profile's name
// for it passes over.
func (p *Policy) resolve(op string) (string, error) {
	t := p.table.release
	if t.ByName[op] != nil {
		return op, nil
	}
	if a, ok := t.Aliases[op]; ok {
		return a, nil
	}
	err := fmt.Errorf("unknown operation %q", op)
	if s := Suggest(op, names(t)); s != "" {
		err = fmt.Errorf("unknown operation %q: did you mean %s?", op, s)
	}
	return "", err
}

// walkAll lists each operation's ancestors, itself first.
func walkAll(t *table) map[string][]string {
	out := map[string][]string{}
	for _, o := range t.release.Operations {
		chain := []string{o.Name}
		for at := o; !at.Terminal(); {
			at = t.release.ByName[at.Parent]
			chain = append(chain, at.Name)
		}
		out[o.Name] = chain
	}
	return out
}

// Imports is the import closure, in the order of first use.
func (p *Policy) Imports() []Import { return p.imports }

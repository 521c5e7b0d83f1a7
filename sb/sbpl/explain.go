package sbpl

// Tried is one entry that a walk came to.
type Tried struct {
	Operation  string     `json:"operation"`
	Rule       Pos        `json:"rule"` // as Decision has it
	Provenance Provenance `json:"provenance"`
	Text       string     `json:"text"`
	Action     string     `json:"action"`
	Holds      string     `json:"holds"` // yes, no, unknown
}

// Explain is Decide with the entries that were tried. It tries one after
// another, without indexes.
func (p *Policy) Explain(q Query) (Decision, []Tried) {
	q.adopt()
	tried := []Tried{}
	at, err := p.resolve(q.Operation)
	if err != nil {
		return Decision{Err: err}, tried
	}
	w := walk{p: p, walk: p.lists[at].walk}
	for {
		l := &p.lists[at]
		w.depth++
		w.doubts(l, &q)
		unknown := none
		for i, r := range l.rules {
			if unknown != none && l.group[i] != l.group[unknown] {
				break
			}
			t := r.test.holds(&q, nil)
			tried = append(tried, Tried{l.op.Name, r.place(), r.provenance(), r.text, r.action.String(), t.String()})
			switch t {
			case yes:
				return w.decided(l, r, &q), tried
			case maybe:
				unknown = min(unknown, int32(i))
			}
		}
		if unknown != none {
			return w.unknown(l, unknown, &q), tried
		}
		if r := l.always; r != nil {
			tried = append(tried, Tried{l.op.Name, r.place(), r.provenance(), r.text, r.action.String(), yes.String()})
			return w.decided(l, r, &q), tried
		}
		w.link(l)
		at = l.parent
	}
}

package sbpl

// Rule is one entry of the rule table.
type Rule struct {
	Operation string     `json:"operation"`
	Action    string     `json:"action"`
	Where     string     `json:"where"` // "" for what has no place in the profile
	From      Provenance `json:"provenance"`
	Text      string     `json:"text"`
	Filter    string     `json:"filter,omitempty"` // as it was evaluated
	Filtered  bool       `json:"filtered"`
	Modifiers []Modifier `json:"modifiers,omitempty"`
	Implicit  bool       `json:"implicit,omitempty"`
	Library   string     `json:"library,omitempty"` // that adds an implicit rule
	Default   bool       `json:"default,omitempty"`
	Merged    bool       `json:"merged,omitempty"` // with the entry before: the system makes one "any of" of them
	Jump      string     `json:"jump,omitempty"`   // of the last entry: where the walk goes on
}

// Rules is the rule table, in the order of the release's operations, each list
// in the order in which it is tried. A list ends with an entry that always
// holds, or with the operation whose list follows.
func (p *Policy) Rules() []Rule {
	var out []Rule
	for i := range p.lists {
		l := &p.lists[i]
		for j, r := range l.rules {
			row := p.row(r, l.op.Name)
			row.Merged = j > 0 && l.group[j] == l.group[j-1]
			out = append(out, row)
		}
		if l.always != nil {
			out = append(out, p.row(l.always, l.op.Name))
		} else {
			out = append(out, Rule{Operation: l.op.Name, Action: "jump", From: FromDefault, Jump: l.op.Parent})
		}
	}
	return out
}

func (p *Policy) row(r *rule, op string) Rule {
	row := Rule{Operation: op, Action: r.action.String(), From: r.provenance(), Text: r.text, Filtered: r.test != nil,
		Modifiers: r.modifiers, Implicit: r.implicit, Default: r.builtin}
	switch row.From {
	case FromProfile:
		row.Where = r.pos.String()
	case FromSystem:
		row.Library = p.library
	}
	if r.test != nil {
		row.Filter = r.test.String()
	}
	return row
}

package diff

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
)

// rule is what decided an attempt: a rule of the profile, and the row of the
// decision table that made a decision of it.
type rule struct {
	place string // "sb/p.sb:3:1", "default of signal", "" when no rule is named
	spot  string // place without the file's directory
	text  string // in one line
	row   int
}

func ruleOf(d lane.Decision) rule {
	r := rule{row: d.Rule}
	if p := d.PolicyRule; p != nil {
		r.place, r.text = p.Place(), strings.Join(strings.Fields(p.Text), " ")
		here := *p
		if here.File != "" {
			here.File = filepath.Base(here.File)
		}
		r.spot = here.Place()
	}
	return r
}

func (r rule) String() string { return strings.TrimSpace(r.place + " " + r.text) }

// What of the changes of a rule.
const (
	anotherRule  = "rule"                 // another text, or a rule on one side alone
	anotherPlace = "place"                // the same text on another line or in another file
	anotherRow   = "decision table's row" // the same rule, made a decision in another way
)

// rules compares what decided two outcomes that are otherwise the same.
func rules(a, b *Outcome) []Change {
	x, y := a.by, b.by
	out := []Change{}
	switch {
	case x.text != y.text || (x.place == "") != (y.place == ""):
		out = append(out, Change{anotherRule, x.String(), y.String()})
	case x.spot != y.spot:
		out = append(out, Change{anotherPlace, x.place, y.place})
	}
	if x.row != y.row {
		out = append(out, Change{anotherRow, strconv.Itoa(x.row), strconv.Itoa(y.row)})
	}
	return out
}

// group is a change that several expectations share: a line added to a profile
// moves every rule below it.
type group struct {
	Change
	ids []string
}

func grouped(list []Item) []*group {
	var out []*group
	at := map[Change]*group{}
	for _, it := range list {
		for _, c := range it.Changes {
			g := at[c]
			if g == nil {
				g = &group{Change: c}
				at[c] = g
				out = append(out, g)
			}
			g.ids = append(g.ids, it.ID)
		}
	}
	return out
}

// examples is how many expectations of a group are named.
const examples = 3

func (g *group) names(shown func(string) string) string {
	if len(g.ids) <= examples {
		return shown(strings.Join(g.ids, ", "))
	}
	return fmt.Sprintf("%s and %d more", shown(strings.Join(g.ids[:examples], ", ")), len(g.ids)-examples)
}

package diff

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/lane"
)

func at(file string, line int, text string, row int) lane.Decision {
	return lane.Decision{Rule: row, PolicyRule: &lane.RuleRef{File: file, Line: line, Col: 1, Text: text}}
}

func TestRules(t *testing.T) {
	denied := at("a/p.sb", 2, "(deny default)", 6)
	for name, c := range map[string]struct {
		a, b lane.Decision
		want []Change
	}{
		"the same":             {denied, denied, []Change{}},
		"another directory":    {denied, at("b/p.sb", 2, "(deny default)", 6), []Change{}},
		"written in two lines": {at("p.sb", 2, "(deny\n  signal)", 6), at("p.sb", 2, "(deny signal)", 6), []Change{}},
		"another file":         {denied, at("a/q.sb", 2, "(deny default)", 6), []Change{{"place", "a/p.sb:2:1", "a/q.sb:2:1"}}},
		"another line":         {denied, at("a/p.sb", 3, "(deny default)", 6), []Change{{"place", "a/p.sb:2:1", "a/p.sb:3:1"}}},
		"another text":         {denied, at("a/p.sb", 2, "(deny signal)", 6), []Change{{"rule", "a/p.sb:2:1 (deny default)", "a/p.sb:2:1 (deny signal)"}}},
		"another row":          {denied, at("a/p.sb", 2, "(deny default)", 7), []Change{{"decision table's row", "6", "7"}}},
		"no rule":              {denied, lane.Decision{Rule: 6}, []Change{{"rule", "a/p.sb:2:1 (deny default)", ""}}},
		"the table's default": {denied, lane.Decision{Rule: 6, PolicyRule: &lane.RuleRef{DecidedAt: "signal", Default: true}},
			[]Change{{"rule", "a/p.sb:2:1 (deny default)", "default of signal"}}},
	} {
		a, b := &Outcome{by: ruleOf(c.a)}, &Outcome{by: ruleOf(c.b)}
		if d := cmp.Diff(c.want, rules(a, b)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestOtherRulesAreNoDifference: they are listed, together where they changed
// alike, and only where nothing else differs.
func TestOtherRulesAreNoDifference(t *testing.T) {
	by := func(o *Outcome, d lane.Decision) *Outcome { o.by = ruleOf(d); return o }
	sides := func(line int, verdict string) *Side {
		var list []*Outcome
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			list = append(list, by(outcome("p", name, "deny"), at("p.sb", line, "(deny default)", 6)))
		}
		return side1("w", append(list, by(outcome("p", "turned", verdict), at("p.sb", line, "(x)", 6)))...)
	}
	r := Compare(sides(2, "deny"), sides(3, "deny"), Options{})
	if r.Differs(false) || len(r.Rules) != 6 || r.Same != 6 {
		t.Errorf("%+v", r)
	}
	r = Compare(sides(2, "deny"), sides(3, "allow"), Options{})
	if len(r.Changed) != 1 || len(r.Rules) != 5 || r.Same != 5 {
		t.Errorf("%+v", r)
	}
	var b bytes.Buffer
	r.Text(&b, func(s string) string { return s })
	if want := "rule     p:a, p:b, p:c and 2 more\n           place: p.sb:2:1 -> p.sb:3:1\n1 expectations differ"; !strings.Contains(b.String(), want) {
		t.Errorf("%s\nwant %s", b.String(), want)
	}
}

package lane

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// TestEveryReasonHasARow reads the constants of type Reason from the source: the language
// has no list of them.
func TestEveryReasonHasARow(t *testing.T) {
	declared := map[Reason]string{} // by value: where
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Reason" || len(spec.Values) != 1 {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, _ := strconv.Unquote(lit.Value)
				declared[Reason(value)] = path + ": " + spec.Names[0].Name
			}
			return true
		})
	}
	if len(declared) < 29 {
		t.Errorf("%d constants of type Reason were found, want at least 29", len(declared))
	}
	for value, where := range declared {
		if value.Row().Reason == "" {
			t.Errorf("%s (%q) has no row in the table reasons of reasons.go", where, value)
		}
	}
	rows := map[Reason]bool{}
	for _, row := range reasons {
		if rows[row.Reason] {
			t.Errorf("reasons.go has two rows of %q", row.Reason)
		}
		rows[row.Reason] = true
		if (row.Exit != 0 || row.Sentence != "") && declared[row.Reason] == "" {
			t.Errorf("reasons.go: the row of %q needs a constant: hrhost writes it", row.Reason)
		}
		if row.Exit != 0 && row.Sentence == "" {
			t.Errorf("reasons.go: the row of %q needs a sentence for readers of its packet", row.Reason)
		}
	}
}

// TestReasonsOfRules: a reason may stand in a decision if some rule gives it.
func TestReasonsOfRules(t *testing.T) {
	given := map[Reason]bool{}
	for rule := RuleUnsupported; rule <= LastRule; rule++ {
		for _, why := range outcomes[rule].reasons {
			given[why] = true
			if !why.Row().Decision {
				t.Errorf("reasons.go: rule %d of rules.go gives %q, but its row has Decision = false", rule, why)
			}
		}
	}
	for _, row := range reasons {
		if row.Decision && !given[row.Reason] {
			t.Errorf("rules.go: no rule gives %q, but its row in reasons.go has Decision = true", row.Reason)
		}
	}
	if len(outcomes) != LastRule+1 {
		t.Errorf("rules.go: LastRule is %d, and the table ends with %d", LastRule, len(outcomes)-1)
	}
}

// TestDecideGivesEveryReason: each reason of each rule comes out of [Decide] for some
// attempt. TestDecideIsSound has the other direction.
func TestDecideGivesEveryReason(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var given [LastRule + 1]map[Reason]bool
	note := func(a Attempt) {
		d := Decide(a)
		if given[d.Rule] == nil {
			given[d.Rule] = map[Reason]bool{}
		}
		given[d.Rule][d.Reason] = true
	}
	for range 200_000 {
		note(random(r))
	}
	for _, row := range reasons { // the caller's word is the reason
		if slices.Contains(outcomes[RuleNotApplied].reasons, row.Reason) {
			note(with(apply(row.Reason)))
		}
		if slices.Contains(outcomes[RuleNotPrepared].reasons, row.Reason) {
			note(with(fixture(row.Reason)))
		}
	}
	for rule := RuleUnsupported; rule <= LastRule; rule++ {
		for _, why := range outcomes[rule].reasons {
			if !given[rule][why] {
				t.Errorf("decide.go: no attempt was decided by rule %d with %q, which rules.go lists", rule, why)
			}
		}
	}
}

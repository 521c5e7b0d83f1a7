package lane

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/pages"
)

var update = flag.Bool("update", false, "write the table of reasons in docs/decisions.md")

const document = "../../docs/decisions.md"

// TestReasonsOfTheDocument: docs/decisions.md has the sentence and the exit code of each
// reason that a reader can meet without a decision.
func TestReasonsOfTheDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("| reason | meaning | exit |\n|---|---|---|\n")
	for _, row := range reasons {
		if row.Sentence == "" {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d |\n", row.Reason, row.Sentence, row.Exit)
	}
	pages.Part{Path: document, Begin: "<!-- reasons -->\n", End: "<!-- end of reasons -->\n"}.
		Holds(t, b.String(), *update, "go test ./host/lane -run TestReasonsOfTheDocument -update")
}

var (
	documentRow  = regexp.MustCompile(`(?m)^\| (\d+) \| .* \| (.*) \|$`)
	documentCode = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+`)
)

// TestRulesOfTheDocument: docs/decisions.md has a row for each rule, with its verdict,
// tier and reasons. People write the words around them.
func TestRulesOfTheDocument(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	rows := documentRow.FindAllStringSubmatch(string(text), -1)
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) || i >= LastRule {
			t.Fatalf("docs/decisions.md: row %d of the table is of rule %s, rules.go ends with %d", i+1, row[1], LastRule)
		}
		if why := misdescribed(row[2], outcomes[i+1]); why != "" {
			t.Errorf("docs/decisions.md: rule %d: %s; rules.go has its outcome", i+1, why)
		}
	}
	if len(rows) != LastRule {
		t.Errorf("docs/decisions.md describes %d rules, rules.go has %d", len(rows), LastRule)
	}
}

// misdescribed says how a cell of the column decision differs from an outcome.
func misdescribed(cell string, o outcome) string {
	begin := "null: "
	if o.verdict != "" {
		begin = fmt.Sprintf("**%s**, %s", o.verdict, o.tier)
	}
	if !strings.HasPrefix(cell, begin) {
		return fmt.Sprintf("its decision begins with %.30q, want %q", cell, begin)
	}
	if o.verdict != "" {
		return ""
	}
	var want []string
	for _, why := range o.reasons {
		want = append(want, string(why))
	}
	got := documentCode.FindAllString(cell, -1)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("its reasons are %q, want %q", got, want)
	}
	return ""
}

func TestMisdescribed(t *testing.T) {
	for _, c := range []struct {
		cell string
		o    outcome
		ok   bool
	}{
		{"null: probe_died or probe_timeout (b)", nothing(nil, ProbeTimeout, ProbeDied), true},
		{"null: probe_died", nothing(nil, ProbeTimeout, ProbeDied), false},
		{"null: probe_died, probe_timeout", nothing(nil, ProbeTimeout), false},
		{"**allow**, witnessed, ambient", allows(TierWitnessed, nil), true},
		{"**allow**, inferred", allows(TierWitnessed, nil), false},
		{"**deny**, witnessed", allows(TierWitnessed, nil), false},
	} {
		if why := misdescribed(c.cell, c.o); (why == "") != c.ok {
			t.Errorf("%q: %q", c.cell, why)
		}
	}
}

package sbpl

import (
	"bufio"
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shared is where larger data sets lie, on machines that have them.
const shared = "../../../shared/data/sbpl"

type record struct {
	Profile, OS, Operation, Decision string
	Params                           map[string]string
	Filter, Value                    *string
	Before                           string   `json:"decided_at_before_optimization"`
	At                               string   `json:"decided_at_operation"`
	Absent                           []string `json:"assumed_absent"`
}

// tally is how many decisions of a family of operations were compared.
type tally struct{ agree, all int }

// TestDecisionSet compares with the decisions of the original library, and
// prints the counts by family.
func TestDecisionSet(t *testing.T) {
	oneThread(t)
	f, err := os.Open(filepath.Join(shared, "decisions-10.10.5.jsonl"))
	if err != nil {
		t.Skipf("the decision set is not on this machine: %v", err)
	}
	defer f.Close()
	policies := map[string]*Policy{}
	families := map[string]*tally{}
	for _, o := range Operations("") {
		families[family(o.Name)] = &tally{}
	}
	sum, inferred := tally{}, 0
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var r record
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		p, tried := policies[r.Profile]
		if !tried {
			p = compileShared(t, r.Profile, r.Params)
			policies[r.Profile] = p
		}
		fam := families[family(r.Operation)]
		if fam == nil {
			fam = &tally{}
			families[family(r.Operation)] = fam
		}
		fam.all++
		sum.all++
		if len(r.Absent) > 0 {
			inferred++
		}
		if p != nil && r.agrees(t, p) {
			fam.agree++
			sum.agree++
		}
	}
	t.Logf("%d profiles; %d of %d decisions agree, %d of them with a fact that was inferred to be absent", len(policies), sum.agree, sum.all, inferred)
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if n := families[name]; n.all > 0 {
			t.Logf("  %-28s %5d of %5d agree", name, n.agree, n.all)
		} else {
			t.Logf("  %-28s no measured decisions", name)
		}
	}
}

// agrees asks for one record's decision.
func (r *record) agrees(t *testing.T, p *Policy) bool {
	t.Helper()
	q := Query{Operation: r.Operation, Absent: r.Absent}
	if r.Filter != nil {
		f, err := ParseFilter(*r.Filter + "=" + *r.Value)
		if err != nil {
			t.Error(err)
			return false
		}
		q.Filters = append(q.Filters, f)
	}
	d := compare(t, p, q)
	at := cmp.Or(r.Before, r.At)
	if d.Action.String() != r.Decision || d.Operation != at {
		t.Errorf("%s %s %v: %s at %s (%s missing %v), want %s at %s", r.Profile, r.Operation, q.Filters, d.Action, d.Operation, d.Rule, d.Missing, r.Decision, at)
		return false
	}
	return true
}

// family is an operation's group, by its name.
func family(op string) string {
	for _, two := range []string{"process-info", "process-exec", "darwin-notification", "distributed-notification", "ipc-posix", "ipc-sysv", "file-read", "file-write", "user-preference"} {
		if strings.HasPrefix(op, two) {
			return two
		}
	}
	f, _, _ := strings.Cut(op, "-")
	return strings.TrimSuffix(f, "*")
}

func compileShared(t *testing.T, profile string, params map[string]string) *Policy {
	t.Helper()
	root, _, _ := strings.Cut(profile, "/")
	base := filepath.Join(shared, "corpus/knightsc/sandbox_profiles")
	path := filepath.Join(base, profile)
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !versioned.Match(src) && !strings.Contains(string(src), "(import") {
		src = append([]byte("(version 1) "), src...) // a fragment, whose table was made with the library loaded
	}
	p, err := Compile(src, Options{Name: profile, Params: params, Release: "10.10", ImportRoots: systemRoots(root), Globals: corpusGlobals})
	if err != nil {
		t.Errorf("%s: %v", profile, err)
		return nil
	}
	return p
}

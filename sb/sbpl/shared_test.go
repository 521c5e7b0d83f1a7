package sbpl

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
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

// TestDecisionSet compares with the decisions of the original library.
func TestDecisionSet(t *testing.T) {
	f, err := os.Open(filepath.Join(shared, "decisions-10.10.5.jsonl"))
	if err != nil {
		t.Skipf("the decision set is not on this machine: %v", err)
	}
	defer f.Close()
	policies := map[string]*Policy{}
	families := map[string]int{}
	n, wrong := 0, 0
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var r record
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		n++
		key, _ := json.Marshal([]any{r.Profile, r.Params})
		p := policies[string(key)]
		if p == nil {
			if _, tried := policies[string(key)]; !tried {
				p = compileShared(t, r.Profile, r.Params)
				policies[string(key)] = p
			}
			if p == nil {
				continue
			}
		}
		q := Query{Operation: r.Operation}
		if r.Filter != nil {
			name := *r.Filter
			if name == "iokit-user-client-class" {
				name = "iokit-registry-entry-class"
			}
			q.Filters = append(q.Filters, Filter{name, *r.Value})
		}
		for _, a := range r.Absent {
			if !strings.HasSuffix(a, "-name") || a == "control-name" { // a mach name excludes the others by itself
				q.Filters = append(q.Filters, Filter{a, "\x00none"})
			}
		}
		d := p.Decide(q)
		families[family(r.Operation)]++
		at := r.At
		if r.Before != "" {
			at = r.Before
		}
		if d.Action.String() != r.Decision || d.Operation != at {
			if wrong++; wrong < 12 {
				t.Errorf("%s %s %v: %s at %s (%s missing %v), want %s at %s", r.Profile, r.Operation, q.Filters, d.Action, d.Operation, d.Rule, d.Missing, r.Decision, at)
			}
		}
	}
	t.Logf("%d profiles, %d records, %d disagree", len(policies), n, wrong)
	for fam, k := range families {
		t.Logf("  %-28s %d", fam, k)
	}
	for _, fam := range []string{"sysctl", "process-info", "darwin-notification"} {
		if families[fam] == 0 {
			t.Logf("  %-28s no measured decisions", fam)
		}
	}
}

func family(op string) string { f, _, _ := strings.Cut(op, "-"); return strings.TrimSuffix(f, "*") }

func compileShared(t *testing.T, profile string, params map[string]string) *Policy {
	t.Helper()
	root, _, _ := strings.Cut(profile, "/")
	base := filepath.Join(shared, "corpus/knightsc/sandbox_profiles")
	path := filepath.Join(base, profile)
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "(version 1)") && !strings.Contains(string(src), "(import") {
		src = append([]byte("(version 1) "), src...) // a fragment, whose table was made with the library loaded
	}
	p, err := Compile(src, Options{Name: profile, Params: params, Release: "10.10", ImportRoots: systemRoots(root), Globals: corpusGlobals})
	if err != nil {
		t.Errorf("%s: %v", profile, err)
		return nil
	}
	return p
}

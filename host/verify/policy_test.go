package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// under gives the fixture another profile, with every digest made anew. Rows stay
// as they are.
func (f *fixture) under(text string) {
	f.files["profiles/sysctl.strict.sb"] = text
	digest := bundle.Digest([]byte(text))
	f.manifest.Profiles[0].Digest = digest
	p := f.matrix.Profiles["sysctl.strict"]
	p.ProfileDigest = digest
	f.matrix.Profiles["sysctl.strict"] = p
	for i := range f.runtime {
		for _, x := range []*lane.Context{&f.baseline[i].Context, &f.runtime[i].Context, &f.witness[i].Context, &f.oracle[i].Context} {
			x.ProfileDigest = digest
		}
	}
}

// ruled has every row name the rules that a profile has for its target.
func (f *fixture) ruled(profile string) {
	for i := range f.runtime {
		r := ruleOf(profile, f.runtime[i].Filter)
		f.runtime[i].Decision.PolicyRule, f.witness[i].Rule, f.oracle[i].Rule = r, r, r
	}
}

// resolvedProfile is the one of the resolved plan, to be bent.
func (f *fixture) resolvedProfile() map[string]any {
	f.resolve()
	return f.docs[bundle.PlanResolved].(map[string]any)["profiles"].([]any)[0].(map[string]any)
}

// onMac has the run be one on a Mac.
func (f *fixture) onMac() {
	const id = "sonoma-14.4.1-23E224-arm64-dyldcache-2c0602c5"
	f.manifest.OS, f.manifest.WorldID, f.matrix.WorldID, f.preflight.WorldID, f.summary.WorldID = "macos", id, id, id, id
	f.docs[bundle.PlanResolved].(map[string]any)["os"] = "macos"
	f.docs[bundle.World].(map[string]any)["os"] = "macos"
	f.docs[bundle.World].(map[string]any)["world_id"], f.docs[bundle.MismatchSummary].(map[string]any)["world_id"] = id, id
	for i := range f.runtime {
		for _, x := range []*lane.Context{&f.baseline[i].Context, &f.runtime[i].Context, &f.witness[i].Context, &f.oracle[i].Context} {
			x.WorldID = id
		}
	}
}

// turn makes the nth row's deny an allow by a rule, in every document.
func (f *fixture) turn(n int, rule *lane.RuleRef) {
	f.witness[n].Verdict, f.witness[n].Rule = lane.Allow, rule
	f.oracle[n].Prediction, f.oracle[n].Rule = "allow", rule
	row := &f.runtime[n]
	row.RuntimeStatus, row.Result = "success", lane.Result{Class: lane.OK, API: "open", Value: "Linux"}
	row.Decision = lane.Decision{Verdict: new(lane.Allow), Rule: 7, Reason: lane.NoDenialObserved, Tier: lane.TierWitnessed,
		ReachedPrimaryOp: true, PolicyRule: rule, RuleSource: "witness"}
	f.summary.Counts.Allow, f.summary.Counts.Deny = f.summary.Counts.Allow+1, f.summary.Counts.Deny-1
}

// mismatched adds the packet that the nth row then asks for.
func (f *fixture) mismatched(n int, why lane.Reason) {
	p := f.packetOf(n, why, f.matrix.Profiles["sysctl.strict"].Probes[n].Expected)
	f.packets = append(f.packets, p)
	f.docs[bundle.MismatchSummary] = map[string]any{"world_id": fixtureWorld, "packets": 1, "by_reason": map[lane.Reason]int{why: 1}}
	f.summary.Counts.AsExpected--
	f.summary.Counts.Mismatches++
	f.summary.Status = bundle.StatusPartial
}

// TestBrokenEnforcementPoint: a witness that says otherwise than the profile is no
// forgery where the run itself says so, but nothing to be promoted.
func TestBrokenEnforcementPoint(t *testing.T) {
	f := newFixture()
	oracle := f.oracle[1]
	f.turn(1, f.witness[0].Rule)
	f.oracle[1] = oracle
	f.expect(1, "allow")
	f.mismatched(1, lane.OracleDisagreement)
	r, got := verifyBent(t, f.write(t))
	if !r.Valid || r.Promotable {
		t.Errorf("valid %v, promotable %v:\n%s", r.Valid, r.Promotable, got)
	}
	for _, c := range r.Conditions {
		if c.Name == "decided_anew" && (c.OK || !strings.Contains(c.Why, "1 verdicts of the witness")) {
			t.Errorf("%+v", c)
		}
	}
}

// TestForgeriesThatAgree bends runs so that every document agrees with every other
// and with the index: only the profile can tell. Nothing else finds them.
func TestForgeriesThatAgree(t *testing.T) {
	allowed := func(f *fixture) *lane.RuleRef { return f.witness[0].Rule }
	const other = "(version 1)\n(deny default)\n(allow sysctl-read (sysctl-name \"kernel.version\"))\n"
	tests := []struct {
		name string
		bend func(f *fixture)
		want []string // of the findings, all of them
	}{
		{"a deny turned into an allow", func(f *fixture) {
			f.turn(1, allowed(f))
			f.mismatched(1, lane.UnexpectedAllow)
		}, []string{
			`witness_events.jsonl: row 2: sysctl-read "kernel.version" under profile "sysctl.strict" is allow, by sb/sysctl_strict.sb:3:1 (allow sysctl-read (sysctl-name "kernel.ostype" "a.b" "a.d")); the profile says deny, by sb/sysctl_strict.sb:2:1 (deny default)`,
			`oracle_results.json: row 2: the prediction of sysctl-read "kernel.version"`,
		}},
		{"and what was expected with it", func(f *fixture) {
			f.turn(1, allowed(f))
			f.expect(1, "allow")
		}, []string{`witness_events.jsonl: row 2`, `oracle_results.json: row 2`}},
		{"another rule", func(f *fixture) {
			r := *allowed(f)
			r.Line = 2
			f.witness[0].Rule, f.runtime[0].Decision.PolicyRule = &r, &r
		}, []string{`row 1: sysctl-read "kernel.ostype" under profile "sysctl.strict" is allow, by sb/sysctl_strict.sb:2:1`}},
		{"another text of the rule", func(f *fixture) {
			r := *allowed(f)
			r.Text = "(allow default)"
			f.witness[0].Rule, f.runtime[0].Decision.PolicyRule = &r, &r
		}, []string{`is allow, by sb/sysctl_strict.sb:3:1 (allow default); the profile says allow`}},
		{"another walk to the rule", func(f *fixture) {
			r := *f.witness[1].Rule
			r.Walk = r.Walk[:1]
			f.witness[1].Rule, f.runtime[1].Decision.PolicyRule = &r, &r
		}, []string{`witness_events.jsonl: row 2`}},
		{"another profile", func(f *fixture) { f.under(other) }, []string{
			`row 1: sysctl-read "kernel.ostype" under profile "sysctl.strict" is allow, by sb/sysctl_strict.sb:3:1`,
			`row 2: sysctl-read "kernel.version" under profile "sysctl.strict" is deny, by sb/sysctl_strict.sb:2:1 (deny default); the profile says allow, by sb/sysctl_strict.sb:3:1`,
			`oracle_results.json: row 1`, `oracle_results.json: row 2`,
		}},
		{"a line before the rules", func(f *fixture) { f.under("\n" + fixtureSB) }, []string{
			`witness_events.jsonl: row 1`, `witness_events.jsonl: row 2`, `oracle_results.json: row 1`, `oracle_results.json: row 2`,
		}},
		{"no profile", func(f *fixture) { f.under("(version 1)\n(deny defualt)\n") }, []string{
			`profiles/sysctl.strict.sb: profile "sysctl.strict" does not compile`,
		}},
		{"another parameter", func(f *fixture) {
			f.under("(version 1)\n(deny default)\n(allow sysctl-read (sysctl-name (param \"OK\")))\n")
			f.ruled("(version 1)\n(deny default)\n(allow sysctl-read (sysctl-name \"kernel.ostype\"))\n")
			for _, r := range []**lane.RuleRef{&f.witness[0].Rule, &f.oracle[0].Rule, &f.runtime[0].Decision.PolicyRule} {
				(*r).Text = `(allow sysctl-read (sysctl-name "kernel.version"))`
			}
			f.params = map[string]string{"OK": "kernel.version"}
		}, []string{`witness_events.jsonl: row 1`, `witness_events.jsonl: row 2`, `oracle_results.json: row 1`, `oracle_results.json: row 2`}},
		{"an oracle row turned", func(f *fixture) {
			f.oracle[1].Prediction, f.oracle[1].Rule = "allow", allowed(f)
			f.mismatched(1, lane.OracleDisagreement)
		}, []string{`oracle_results.json: row 2: the prediction of sysctl-read "kernel.version" under profile "sysctl.strict" is allow`}},
		{"an oracle row of another value", func(f *fixture) {
			f.oracle[1].Filter.Value = "kernel.hostname"
		}, []string{`oracle_results.json: row 2: what it predicts of is not the target of "sysctl.strict:denied@after"`}},
		{"an oracle that does not know", func(f *fixture) {
			f.oracle[1].Prediction, f.oracle[1].Rule = "unknown", nil
		}, []string{`row 2: the prediction of sysctl-read "kernel.version" under profile "sysctl.strict" is unknown; the profile says deny`}},
		{"the model's rule of an inferred decision", func(f *fixture) {
			f.wrapped()
			f.witness = nil
			for i := range f.runtime {
				d := &f.runtime[i].Decision
				d.Tier, d.Rule, d.RuleSource = lane.TierInferred, []int{17, 21}[i], lane.SBPLModel
			}
			f.runtime[1].Decision.PolicyRule = allowed(newFixture())
		}, []string{`runtime_results.json: row 2: sysctl-read "kernel.version" under profile "sysctl.strict" is deny, by sb/sysctl_strict.sb:3:1`}},
		{"a deny outside every attempt", func(f *fixture) {
			w := f.witness[1]
			w.ExpectationID, w.Verdict = "", lane.Allow
			f.saw(w)
		}, []string{`row 3: sysctl-read "kernel.version" under profile "sysctl.strict" is allow`}},
		{"a deny blamed on containment", func(f *fixture) {
			w := f.witness[1]
			w.ExpectationID, w.By, w.Rule, w.Reason = "", lane.ByContainment, nil, "a device that hrhost does not open for a plugin"
			f.saw(w)
		}, []string{`row 3: sysctl-read "kernel.version" under profile "sysctl.strict" is allow; the profile says deny`}},
		{"a deny called undecided", func(f *fixture) {
			w := f.witness[1]
			w.ExpectationID, w.By, w.Rule, w.Reason = "", lane.ByContainment, nil, "policy undecided: missing fact uid"
			f.saw(w)
		}, []string{`row 3: sysctl-read "kernel.version" under profile "sysctl.strict" is unknown; the profile says deny`}},
		{"a signal that no rule sends", func(f *fixture) { f.witness[1].SendSignal = 9 }, []string{`row 2: sysctl-read "kernel.version": no rule of profile "sysctl.strict" sends a signal here`}},
		{"a process called the caller itself", func(f *fixture) {
			w := f.witness[0]
			w.ExpectationID, w.Operation, w.Filter.Name, w.Filter.Value = "", "process-info-pidinfo", "target", "pid:11@5"
			w.Target = &lane.ProcessTarget{PID: 11, StartTime: "5", Relations: []string{"self"}}
			f.saw(w)
		}, []string{`row 3: process-info-pidinfo "pid:11@5": whether its target is the caller does not fit`}},
		{"a fact that the row does not hold", func(f *fixture) {
			w := f.witness[0]
			w.ExpectationID, w.Filter = "", lane.Filter{}
			f.saw(w)
		}, []string{`is allow, by sb/sysctl_strict.sb:3:1 (allow sysctl-read (sysctl-name "kernel.ostype" "a.b" "a.d")); the profile says unknown`}},
		{"a sweep's target", func(f *fixture) {
			f.addSweep("a.b", "a.c", "a.d", "a.e")
			f.turn(5, f.witness[4].Rule)
			regroup(f)
		}, []string{`witness_events.jsonl: row 6: sysctl-read "a.e" under profile "sweep" is allow`, `oracle_results.json: row 6`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture()
			tt.bend(f)
			r, got := verifyBent(t, f.write(t))
			if r.Valid || r.Promotable {
				t.Errorf("valid %v, promotable %v", r.Valid, r.Promotable)
			}
			for _, finding := range r.Findings {
				if finding.Check != "policy" {
					t.Errorf("something else finds it: %s %s: %s", finding.Check, finding.Path, finding.Message)
				}
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("want a finding %q", want)
				}
			}
			if len(r.Findings) != len(tt.want) || t.Failed() {
				t.Errorf("want %d findings, got\n%s", len(tt.want), got)
			}
		})
	}
}

// regroup counts a sweep's rows again, as a forger would.
func regroup(f *fixture) {
	s := f.swept()
	again := bundle.SweepResult{ProfileID: s.ProfileID, Family: s.Family, MatrixSweep: s.MatrixSweep, Listed: s.Listed, Targets: s.Targets, Processes: 1}
	for _, row := range f.runtime {
		if row.ProfileID == s.ProfileID {
			again.Count(row.Decision, row.Filter.Value)
		}
	}
	again.Group()
	*s = again
}

// TestDecidedAnew is what is no forgery: rows of every shape that say what the
// profile says, and rows that are nobody's or the system's word.
func TestDecidedAnew(t *testing.T) {
	const imported = "(version 1)\n(import \"shim.sb\")\n"
	tests := []struct {
		name string
		bend func(f *fixture)
		want string // why, of decided_anew
	}{
		{"as it is", func(*fixture) {}, "4 rows, as the profiles say again"},
		{"a prelude's row", func(f *fixture) {
			w := f.witness[1]
			w.ExpectationID, w.Epoch, w.By, w.Verdict, w.Rule = "", 0, lane.ByPrelude, lane.Allow, nil
			f.saw(w)
		}, "4 rows"},
		{"a bus's refusal by containment", func(f *fixture) {
			w := f.witness[1]
			w.ExpectationID, w.By, w.Rule, w.Syscall, w.Reason = "", lane.ByContainment, nil, "dbus", "a connection that owns no name"
			f.saw(w)
		}, "4 rows"},
		{"what the fence refuses although the profile allows it", func(f *fixture) {
			w := f.witness[0]
			w.ExpectationID, w.By, w.Verdict, w.Rule, w.Reason = "", lane.ByContainment, lane.Deny, nil, "a magic link of another process"
			f.saw(w)
		}, "5 rows"},
		{"an import", func(f *fixture) {
			f.under(imported)
			f.files["profiles/sysctl.strict.imports/1.sb"] = "(deny default)\n(allow sysctl-read (sysctl-name \"kernel.ostype\"))\n"
			f.manifest.Profiles[0].Imports = []bundle.ProfileFile{{Source: "/sb/shim.sb", Path: "profiles/sysctl.strict.imports/1.sb",
				Digest: bundle.Digest([]byte(f.files["profiles/sysctl.strict.imports/1.sb"]))}}
			f.ruled(fixtureSB)
			for i, line := range []int{2, 1} {
				r := f.runtime[i].Decision.PolicyRule
				r.File, r.Line = "/sb/shim.sb", line
				if i == 0 {
					r.Text = `(allow sysctl-read (sysctl-name "kernel.ostype"))`
				}
			}
		}, "4 rows"},
		{"a profile that is no UTF-8", func(f *fixture) {
			text := strings.Replace(fixtureSB, `"a.b"`, "\"\xe9\xe8\"", 1)
			f.under(text)
			f.ruled(text)
		}, "4 rows"},
		{"a rule of many names, whole and cut", func(f *fixture) {
			text := strings.Replace(fixtureSB, `"a.b"`, strings.Repeat(`"é.b" `, 1000), 1)
			f.under(text)
			f.ruled(text)
			whole := *f.witness[0].Rule
			if len(whole.Text) > 5000 {
				panic("BUG(test): the rule is not cut")
			}
			whole.Text = strings.TrimSpace(text[strings.Index(text, "(allow"):])
			f.oracle[0].Rule = &whole // as rows were
		}, "4 rows"},
		{"an import whose name is no UTF-8", func(f *fixture) {
			f.under("(version 1)\n(deny default)\n(import \"\xe9.sb\")\n")
			f.files["profiles/sysctl.strict.imports/1.sb"] = "(allow sysctl-read (sysctl-name \"kernel.ostype\"))\n"
			f.manifest.Profiles[0].Imports = []bundle.ProfileFile{{Source: "/sb/\xe9.sb", Path: "profiles/sysctl.strict.imports/1.sb",
				Digest: bundle.Digest([]byte(f.files["profiles/sysctl.strict.imports/1.sb"]))}}
			f.ruled(fixtureSB)
			r := f.runtime[0].Decision.PolicyRule
			r.File, r.Line, r.Text = "/sb/\xe9.sb", 1, `(allow sysctl-read (sysctl-name "kernel.ostype"))`
		}, "4 rows"},
		{"macOS, where the system's log names no rule", func(f *fixture) {
			f.onMac()
			f.witness[1].Rule, f.runtime[1].Decision.PolicyRule, f.runtime[1].Decision.RuleSource = nil, nil, ""
			f.witness[0].Rule, f.runtime[0].Decision.PolicyRule, f.runtime[0].Decision.RuleSource = nil, nil, ""
		}, "2 rows"},
		{"a profile that the system lets nobody apply", func(f *fixture) {
			f.onMac()
			f.under("(version 1)\n(no such form)\n")
			f.witness = nil
			f.resolvedProfile()["gate"] = "no such form"
			for i := range f.runtime {
				f.oracle[i].Prediction, f.oracle[i].Rule = "error", nil
				d := &f.runtime[i].Decision
				d.Tier, d.Rule, d.PolicyRule, d.RuleSource = lane.TierInferred, []int{17, 21}[i], nil, ""
			}
		}, "0 rows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture()
			tt.bend(f)
			r, got := verifyBent(t, f.write(t))
			i := slices.IndexFunc(r.Conditions, func(c Condition) bool { return c.Name == "decided_anew" })
			if !r.Valid || i < 0 || !r.Conditions[i].OK || !strings.HasPrefix(r.Conditions[i].Why, tt.want) {
				t.Errorf("valid %v, %+v\n%s", r.Valid, r.Conditions, got)
			}
		})
	}
}

// TestOldSignalRows: in bundles from before releases were written down, rows do not
// hold the signal's number. They are counted and keep a run from promotion.
func TestOldSignalRows(t *testing.T) {
	bend := func(f *fixture) {
		text := strings.Replace(fixtureSB, "(deny default)", "(deny default) (deny signal (signal-number SIGTERM))", 1)
		f.under(text)
		f.ruled(text)
		w := f.witness[0]
		w.ExpectationID, w.Operation, w.Syscall, w.Verdict = "", "signal", "kill", lane.Deny
		w.Filter, w.Target = lane.Filter{Name: "target", Value: "pid:11@5"}, &lane.ProcessTarget{PID: 11, StartTime: "5", Relations: []string{"others"}}
		w.Rule = &lane.RuleRef{File: fixtureName, Line: 2, Col: 16, Text: "(deny signal (signal-number SIGTERM))", DecidedAt: "signal", Walk: []string{"signal"}}
		f.saw(w)
	}
	for name, tt := range map[string]struct {
		old   bool
		facts []lane.Filter
		valid bool
		why   string
	}{
		"held":     {false, []lane.Filter{{Name: "signal-number", Value: "SIGTERM"}, {Name: "signal-number", Value: "15"}}, true, "5 rows, as the profiles say again"},
		"old":      {true, nil, true, "1 rows hold too little to be decided anew"},
		"stripped": {false, nil, false, "see the findings"},
	} {
		f := newFixture()
		bend(f)
		f.witness[2].Facts = tt.facts
		if tt.old {
			delete(f.docs[bundle.PlanResolved].(map[string]any), "release")
		}
		r, got := verifyBent(t, f.write(t))
		i := slices.IndexFunc(r.Conditions, func(c Condition) bool { return c.Name == "decided_anew" })
		if r.Valid != tt.valid || r.Promotable != (name == "held") || r.Conditions[i].Why != tt.why {
			t.Errorf("%s: valid %v, promotable %v, %s\n%s", name, r.Valid, r.Promotable, r.Conditions[i].Why, got)
		}
	}
}

// TestHostileProfiles puts programs in the place of a profile: each ends, soon, as a
// finding, and reads nothing.
func TestHostileProfiles(t *testing.T) {
	pure(t)
	secret := filepath.Join(t.TempDir(), "secret.sb")
	must(t, os.WriteFile(secret, []byte("(allow default)"), 0o600))
	double := `(define (d x n) (if (= n 0) x (d (require-all x x) (- n 1))))`
	for name, tt := range map[string]struct{ text, want string }{
		"endless":         {"(version 1)(let l ((i 0)) (l (+ i 1)))", "an endless loop?"},
		"grows":           {"(version 1)(define (f s) (f (string-append s s)))(f \"abcdefgh\")", "an endless loop?"},
		"deep":            {"(version 1)(define (f x) (+ 1 (f x)))(f 1)", "recursion is too deep"},
		"nested":          {strings.Repeat("(", 200_000), "does not compile"},
		"import":          {"(version 1)(import \"" + secret + "\")", "unable to open"},
		"import above":    {"(version 1)(import \"../../../../../../../etc/passwd\")", "unable to open"},
		"import of a doc": {"(version 1)(import \"run_manifest.json\")", "unable to open"},
		"opens for ever":  {"(version 1)(let l () (open-input-file \"names\") (l))", "an endless loop?"},
		"patterns":        {"(version 1)(let l ((i 0)) (allow sysctl-read (sysctl-name-regex (string-append \"" + strings.Repeat("a{900}", 99) + "\" (number->string i)))) (if (< i 999) (l (+ i 1))))", "an endless loop?"},
		"many filters":    {"(version 1)(deny default)" + double + "(define big (d (require-not (sysctl-name \"x\")) 14))(let l ((i 0)) (allow sysctl-read (require-not big)) (if (< i 600) (l (+ i 1))))", "the profile says"},
		"not UTF-8":       {"(version 1)\xff\xfe(deny default)", "does not compile"},
		"empty":           {"", "does not compile"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture()
			f.under(tt.text)
			r, got := verifyBent(t, f.write(t))
			if r.Valid || !strings.Contains(got, tt.want) || strings.Contains(got, "BUG") {
				t.Errorf("valid %v, want %q, got\n%s", r.Valid, tt.want, got)
			}
		})
	}
}

// profileReviewer has the profiles of a fixture.
func profileReviewer(t testing.TB, f *fixture) *reviewer {
	t.Helper()
	root, err := bundle.OpenRoot(f.write(t))
	must(t, err)
	t.Cleanup(func() { root.Close() })
	b := &opened{root: root, manifest: f.manifest}
	b.resolved.Profiles = []resolvedProfile{{ID: "sysctl.strict", Source: fixtureName, File: "/" + fixtureName}}
	return newReviewer(b)
}

// TestProfilesShareTheirSteps: many profiles get no more than a few.
func TestProfilesShareTheirSteps(t *testing.T) {
	f := newFixture()
	f.under("(version 1)(deny default)(let l ((i 0)) (if (< i 40000) (l (+ i 1))))")
	r, found := profileReviewer(t, f), findings{}
	r.compiling.Steps = plan.Most.Steps - 1
	if r.compile("sysctl.strict", &found) == nil || !plan.Exceeds(r.compiling) {
		t.Fatalf("%+v: %v", r.compiling, found.list)
	}
	if r.compile("sysctl.strict", &found) == nil {
		t.Errorf("a profile of the same text: %v", found.list)
	}
	r.b.resolved.Profiles[0].Params = map[string]string{"OTHER": "text"}
	if r.compile("sysctl.strict", &found) != nil || !strings.Contains(found.list[0].Message, `take too much to be compiled: profile "sysctl.strict" was not`) {
		t.Errorf("%v", found.list)
	}
}

// TestRowsShareTheirWork: deciding is given up once, and said so once.
func TestRowsShareTheirWork(t *testing.T) {
	f := newFixture()
	f.under("(version 1)(deny default)(allow sysctl-read (require-not (sysctl-name \"x\")))")
	r, found := profileReviewer(t, f), findings{}
	p := r.compile("sysctl.strict", &found)
	r.deciding = maxWork + 10*rowWork
	for range 20 {
		r.decide(p, sbpl.Query{Operation: "sysctl-read", Filters: []sbpl.Filter{{Name: "sysctl-name", Value: "a"}}}, &found)
	}
	if len(found.list) != 1 || !strings.Contains(found.list[0].Message, "too much work to be decided anew") {
		t.Errorf("%v", found.list)
	}
}

// FuzzProfile compiles arbitrary text as a bundle's profile and asks it.
func FuzzProfile(f *testing.F) {
	f.Add(fixtureSB, "kernel.ostype")
	f.Add("(version 1)(import \"x\")", "")
	f.Add("(version 1)(allow default)(deny sysctl-read (sysctl-name-regex #\"^(a|b)*$\"))", "ab")
	b := profileReviewer(f, newFixture()).b
	f.Fuzz(func(t *testing.T, text, value string) {
		found, r := findings{}, newReviewer(b)
		must(t, os.WriteFile(filepath.Join(b.root.Name(), "profiles/sysctl.strict.sb"), []byte(text), 0o644))
		if p, _ := r.policy("sysctl.strict", &found); p != nil {
			r.decide(p, sbpl.Query{Operation: "sysctl-read", Filters: []sbpl.Filter{{Name: "sysctl-name", Value: value}}}, &found)
		} else if len(found.list) == 0 {
			t.Error("there is no policy, and nothing is said of it")
		}
		for _, finding := range found.list {
			if strings.Contains(finding.Message, "BUG") {
				t.Error(finding)
			}
		}
	})
}

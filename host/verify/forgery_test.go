package verify

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// died has the nth attempt end before the call came back.
func (f *fixture) died(n int) {
	r := &f.runtime[n]
	r.State, r.End, r.RuntimeStatus, r.Result = lane.Attempting, lane.Died, "died", lane.Result{Class: lane.NoResult}
	r.Decision.Rule = 4
}

// silent has nothing decided about the nth attempt, by a row of the table.
func (f *fixture) silent(n, rule int, why lane.Reason, stage lane.Stage) {
	f.runtime[n].Decision = lane.Decision{Rule: rule, Reason: why, Tier: lane.TierNone, FailureStage: &stage}
}

// inferred has all attempts decided without a witness, under a wrapper.
func (f *fixture) inferred() {
	f.wrapped()
	f.witness = nil
	for i := range f.runtime {
		d := &f.runtime[i].Decision
		d.Tier, d.Rule, d.RuleSource = lane.TierInferred, []int{17, 21}[i], lane.SBPLModel
	}
}

// undecided counts the nth row as one without a decision, with the packet for it.
func (f *fixture) undecided(n int, why lane.Reason) {
	f.packets = append(f.packets, f.packetOf(n, why, f.matrix.Profiles["sysctl.strict"].Probes[n].Expected))
	f.counted(why)
	c := &f.summary.Counts
	c.None, c.Deny, c.Undecided, c.AsExpected = c.None+1, c.Deny-1, c.Undecided+1, c.AsExpected-1
}

// unexpected expects something else of the nth probe, with a packet for it.
func (f *fixture) unexpected(n int, expected string, packet any) {
	f.expect(n, expected)
	f.packets = append(f.packets, packet)
	f.counted(lane.UnexpectedDeny)
	f.summary.Counts.Mismatches, f.summary.Counts.AsExpected = 1, 1
}

// counted counts the packets, which are all for one reason.
func (f *fixture) counted(why lane.Reason) {
	n := len(f.packets)
	f.docs[bundle.MismatchSummary] = map[string]any{"world_id": fixtureWorld, "packets": n, "by_reason": map[lane.Reason]int{why: n}}
	f.summary.Status = bundle.StatusPartial
}

// process has the witness allow the first attempt a look at a process, by a rule on a
// line of its own.
func (f *fixture) process(name, relations string, line int) {
	w := f.witness[0]
	r := *w.Rule
	r.Line = line
	pid, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "pid:"), "@1"))
	w.Operation, w.Filter, w.Rule = "process-info-pidinfo", lane.Filter{Name: "target", Value: name}, &r
	w.Target = &lane.ProcessTarget{PID: pid, StartTime: "1", Relations: strings.Fields(relations)}
	f.saw(w)
}

// about has the first probe be about something else.
func (f *fixture) about(op string, filter lane.Filter) {
	e := &f.matrix.Profiles["sysctl.strict"].Probes[0]
	e.Operation, e.Filter, e.Target = op, filter, filter.Value
	for _, x := range []*lane.Context{&f.baseline[0].Context, &f.runtime[0].Context, &f.oracle[0].Context} {
		x.Operation, x.Filter = op, filter
	}
}

// resolvedProbe is the nth of the resolved plan, to be bent.
func (f *fixture) resolvedProbe(n int) map[string]any {
	return f.resolvedProfile()["probes"].([]any)[n].(map[string]any)
}

// TestForgedRows bends one row, or all that depend on it, so that every count and
// digest agrees: what is found is the one thing that is wrong.
func TestForgedRows(t *testing.T) {
	event := func(bend func(*bundle.Event)) func(*fixture) {
		return func(f *fixture) {
			f.events = func(rows []bundle.Event) { bend(&rows[1]) }
		}
	}
	for _, tt := range []struct {
		name string
		bend func(f *fixture)
		want string
	}{
		{"a death called a denial", func(f *fixture) { f.died(1) }, `witness: row 2: "sysctl.strict:denied@after" is a death called deny`},
		{"a death of nothing begun called a denial", func(f *fixture) {
			f.died(1)
			f.runtime[1].State = lane.NotStarted
		}, "its state is not that of its rule"},
		{"a return called a death", func(f *fixture) {
			f.died(1)
			f.runtime[1].End = lane.Returned
		}, "its state is not that of its rule"},
		{"a death called unsupported", func(f *fixture) {
			f.died(1)
			f.silent(1, 4, lane.ProbeDied, lane.StageOperation)
			f.runtime[1].RuntimeStatus = "unsupported"
			f.undecided(1, lane.ProbeDied)
		}, "its status is not that of its decision"},
		{"an inferred decision by a rule of no witness", func(f *fixture) {
			f.inferred()
			r := *f.runtime[1].Decision.PolicyRule
			r.Line = 7
			f.runtime[1].Decision.PolicyRule, f.runtime[1].Decision.RuleSource = &r, "witness"
		}, "nobody who could know named its policy rule"},
		{"a denial inferred from a refusal without a sandbox", func(f *fixture) {
			f.inferred()
			f.baseline[1].Result = f.runtime[1].Result
		}, "its baseline is not that of its rule"},
		{"a refusal called ambient", func(f *fixture) {
			f.runtime[0].Result, f.runtime[0].RuntimeStatus = f.runtime[1].Result, "errno"
			f.runtime[0].Decision.Rule, f.runtime[0].Decision.Ambient = 9, true
		}, "its baseline is not that of its rule"},
		{"no decision by a rule of nobody's", func(f *fixture) {
			r := *f.runtime[1].Decision.PolicyRule
			r.Line = 7
			f.silent(1, 5, lane.CapturePipelineDisagreement, lane.StageOperation)
			d := &f.runtime[1].Decision
			d.ReachedPrimaryOp, d.PolicyRule, d.RuleSource = true, &r, "witness"
			f.undecided(1, lane.CapturePipelineDisagreement)
		}, "names a rule that the witness does not"},
		{"a third rule, where the witness names two", func(f *fixture) {
			f.process("pid:11@1", "others same-sandbox", 1)
			f.process("pid:12@1", "others same-sandbox", 2)
			f.about("process-info-pidinfo", lane.Filter{Name: "target", Value: "sibling"})
		}, "by another rule than the witness names"},
		{"a child's rows, for a sibling", func(f *fixture) {
			f.process("pid:11@1", "others children same-sandbox", 1)
			f.about("process-info-pidinfo", lane.Filter{Name: "target", Value: "sibling"})
		}, "is allow, witnessed, but no witness row by policy says so"},
		{"a handle of another fate", func(f *fixture) { f.runtime[0].Use = lane.UseHeld }, "what became of its handle"},
		{"ambient", func(f *fixture) { f.runtime[1].Decision.Ambient = true }, "what is said of its target"},
		{"not reached", func(f *fixture) { f.runtime[1].Decision.ReachedPrimaryOp = false }, "whether it reached its operation"},
		{"an event of another expectation", event(func(e *bundle.Event) { e.Expected = "any" }), "events: row 2"},
		{"an event of another target", event(func(e *bundle.Event) { e.Target = "kernel.ostype" }), "events: row 2"},
		{"an event that is met", event(func(e *bundle.Event) { e.Match = new(false) }), "events: row 2"},
		{"an event of another result", event(func(e *bundle.Event) { e.Errno = new(13) }), "events: row 2"},
		{"an event of another status", event(func(e *bundle.Event) { e.RuntimeStatus = "died" }), "events: row 2"},
		{"an event of another tier", event(func(e *bundle.Event) { e.EvidenceTier = lane.TierInferred }), "events: row 2"},
		{"an event of another process", event(func(e *bundle.Event) { e.Carrier = "open /etc/passwd" }), "events: row 2"},
		{"a packet of another result", func(f *fixture) {
			p := f.packetOf(1, lane.UnexpectedDeny, "allow")
			p["decision_event"].(map[string]any)["result"] = f.runtime[0].Result
			f.unexpected(1, "allow", p)
		}, "the attempt at"},
		{"a packet of another expectation", func(f *fixture) {
			f.unexpected(1, "allow", f.packetOf(1, lane.UnexpectedDeny, "absent"))
		}, "what is expected of"},
		{"a packet of another baseline", func(f *fixture) {
			p := f.packetOf(1, lane.UnexpectedDeny, "allow")
			p["baseline"] = f.baseline[0]
			f.unexpected(1, "allow", p)
		}, "the baseline of"},
		{"a witness under another seal", func(f *fixture) { f.witness[1].SealMode = "wrap" }, "identity: row 2"},
		{"a witness of another family", func(f *fixture) { f.witness[1].Family = "mach" }, "identity: row 2"},
		{"a witness of another attempt", func(f *fixture) {
			w := f.witness[1]
			w.Attempt = 2
			f.saw(w)
		}, "identity: row 3"},
		{"a witness of another probe", func(f *fixture) { f.witness[1].ProbeName = "allowed" }, "identity: row 2"},
		{"a prelude after the policy", func(f *fixture) {
			w := f.witness[1]
			w.By, w.Verdict, w.Rule = lane.ByPrelude, lane.Allow, nil
			f.saw(w)
		}, "witness: row 3"},
		{"a prelude that denies", func(f *fixture) {
			w := f.witness[1]
			w.By, w.Epoch, w.Rule = lane.ByPrelude, 0, nil
			f.saw(w)
		}, "witness: row 3"},
		{"a policy outside every attempt, before there was one", func(f *fixture) {
			w := f.witness[1]
			w.ExpectationID, w.Epoch, w.Verdict = "", 0, lane.Allow
			f.saw(w)
		}, "in epoch 0"},
		{"a plugin of no digest", func(f *fixture) { f.runtime[1].PluginDigest = "" }, "plugin_digest"},
		{"a prediction left out", func(f *fixture) { f.oracle = f.oracle[:1] }, `accounting: "sysctl.strict:denied@after" has no prediction`},
		{"a prediction twice", func(f *fixture) { f.oracle = append(f.oracle, f.oracle[1]) }, "accounting: row 3"},
		{"facts said to be missing", func(f *fixture) { f.oracle[1].Missing = []string{"uid"} }, "policy: row 2"},
		{"two votes for one", func(f *fixture) { f.oracle[1].SharedPolicyEngine = false }, "shared_policy_engine"},
		{"a Mac's world", func(f *fixture) { f.docs[bundle.World].(map[string]any)["os"] = "macos" }, "no world of the manifest's os"},
		{"a pin left out", func(f *fixture) { f.docs[bundle.PlanResolved].(map[string]any)["world"] = "linux-9" }, `world_pin is ""`},
		{"another plan's name", func(f *fixture) { f.manifest.PlanID = "other" }, "plan_id"},
		{"another channel", func(f *fixture) { f.summary.Channel = "direct" }, "channel differs"},
		{"another seal", func(f *fixture) { f.manifest.SealModes = []string{"exec"} }, "seal_modes"},
		{"another family", func(f *fixture) { f.manifest.Profiles[0].Family = "mach" }, "is not the plan's"},
		{"a profile of no plan", func(f *fixture) {
			p := f.manifest.Profiles[0]
			p.ID = "other"
			f.manifest.Profiles = append(f.manifest.Profiles, p)
		}, `"other" is not in the plan`},
		{"a profile twice", func(f *fixture) { f.manifest.Profiles = append(f.manifest.Profiles, f.manifest.Profiles[0]) }, "is there twice"},
		{"another expectation than the plan's", func(f *fixture) {
			f.resolvedProbe(1)["expect"] = "any"
			f.expect(1, "any")
		}, `plan: profile "sysctl.strict" is not that of plan.toml`},
		{"another parameter than the plan's", func(f *fixture) {
			f.resolvedProfile()["params"] = map[string]string{"OK": "x"}
		}, `plan: profile "sysctl.strict" is not that of plan.toml`},
		{"a probe that the plan does not have", func(f *fixture) {
			f.resolve()
			f.probe("new", "a.b", lane.Allow)
			p := f.resolvedProfile()
			probe := maps.Clone(f.resolvedProbe(1))
			probe["id"], probe["target"], probe["expect"] = "new", "a.b", "allow"
			p["probes"] = append(p["probes"].([]any), probe)
			c := &f.summary.Counts
			c.Probes, c.AsExpected, c.Attempts, c.Allow = 3, 3, 3, 2
		}, `plan: profile "sysctl.strict" is not that of plan.toml`},
		{"options that the plan does not have", func(f *fixture) {
			f.resolve()
			f.docs[bundle.PlanResolved].(map[string]any)["plugins"] = []any{map[string]any{"family": "sysctl", "options": map[string]any{"a": 2}}}
		}, `plan: the plugin of family "sysctl" is not that of plan.toml`},
		{"packets for no reason", func(f *fixture) {
			f.unexpected(1, "allow", f.packetOf(1, lane.UnexpectedDeny, "allow"))
			f.docs[bundle.MismatchSummary].(map[string]any)["by_reason"] = map[string]int{}
		}, "summary: counts 0 packets for unexpected_deny, there are 1"},
		{"a plan for other readers", func(f *fixture) {
			f.resolve()
			doc := f.docs[bundle.PlanResolved].(map[string]any)
			doc["profileS"] = doc["profiles"]
		}, `schema: key "profileS", which is not "profiles"`},
		{"a probe for other readers", func(f *fixture) {
			f.resolve()
			f.resolvedProbe(1)["Expect"] = "any"
			f.expect(1, "any")
		}, `schema: key "Expect", which is not "expect"`},
		{"a world for other readers", func(f *fixture) {
			f.docs[bundle.World].(map[string]any)["Os"] = "linux"
			f.docs[bundle.World].(map[string]any)["os"] = "macos"
		}, `schema: key "Os", which is not "os"`},
		{"a packet for other readers", func(f *fixture) {
			p := f.packetOf(1, lane.UnexpectedDeny, "allow")
			p["mismatch_reason"], p["mismatch_reasoN"] = lane.UnexpectedAllow, lane.UnexpectedDeny
			f.unexpected(1, "allow", p)
		}, `schema: row 1: key "mismatch_reasoN", which is not "mismatch_reason"`},
		{"no plan", func(f *fixture) {
			f.files[bundle.PlanTOML] = "schema = 1\n"
			f.planned(bundle.Digest([]byte("schema = 1\n")))
		}, "plan: does not read as a plan"},
		{"a packet about a sweep, to excuse a witness", func(f *fixture) {
			f.addSweep("a.b", "a.c", "a.d", "a.e")
			f.turn(5, f.witness[4].Rule)
			f.oracle[5].Prediction, f.oracle[5].Rule = "unknown", nil
			regroup(f)
			p := f.packetOf(2, lane.OracleDisagreement, "any")
			f.packets = append(f.packets, p)
			f.counted(lane.OracleDisagreement)
			f.summary.Counts.AsExpected--
			f.summary.Counts.Mismatches++
		}, "ask for no packet for oracle_disagreement"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture()
			tt.bend(f)
			r, got := verifyBent(t, f.write(t))
			want, message, _ := strings.Cut(tt.want, ": ")
			if message == "" {
				want, message = "", tt.want
			}
			if r.Valid || !slices.ContainsFunc(r.Findings, func(f Finding) bool {
				return (want == "" || f.Check == want) && strings.Contains(f.Message, message)
			}) {
				t.Errorf("valid %v, want %q, got\n%s", r.Valid, tt.want, got)
			}
		})
	}
}

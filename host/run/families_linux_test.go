package run

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/internal/families"
	"github.com/hrhost/hrhost/sb/sbpl"
)

const defaultPlan = "../../config.toml"

// TestDefaultPlan: every family of the default plan, allowed and denied in one process under a
// (deny default) profile, effects seen for the allowed notification and absent
// for the denied one, exit 0.
func TestDefaultPlan(t *testing.T) {
	got := runPlan(t, defaultPlan, nil)
	if got.Exit != ExitOK || got.Summary.Status != bundle.StatusOK || len(got.packets) != 0 {
		t.Errorf("exit %d, status %s, packets %v", got.Exit, got.Summary.Status, got.reasons())
	}
	rows := runtimeRows(t, got.Dir)
	for _, f := range families.All() {
		if !f.DefaultPlan {
			continue
		}
		family := f.Name
		verdicts := map[lane.Verdict]int{} // -> pid
		for _, r := range rows {
			if r.ProfileID == family+".strict" && r.Decision.Verdict != nil {
				verdicts[*r.Decision.Verdict] = r.PID
			}
			if r.Family == family && r.Carrier == "" {
				t.Errorf("%s has no carrier", r.ExpectationID)
			}
		}
		if verdicts[lane.Allow] == 0 || verdicts[lane.Allow] != verdicts[lane.Deny] {
			t.Errorf("%s.strict: allow in process %d, deny in %d", family, verdicts[lane.Allow], verdicts[lane.Deny])
		}
	}
	for id, effect := range map[string]lane.Effect{
		"notify.strict:allowed@after": lane.EffectSeen, "notify.strict:denied@after": lane.EffectAbsent,
		"notify.strict:distributed@after": lane.EffectAbsent, "notify.canary:distributed@after": lane.EffectSeen,
	} {
		if r := find(rows, id); r.Effect != effect || !strings.HasPrefix(r.Carrier, "dbus signal ") {
			t.Errorf("%s: effect %s by %q, want %s", id, r.Effect, r.Carrier, effect)
		}
	}
	for _, l := range got.lines {
		onBus := strings.HasPrefix(l.ID, "mach") || strings.HasPrefix(l.ID, "notify")
		if onBus != (l.Carrier != "") {
			t.Errorf("%s is shown with carrier %q", l.ID, l.Carrier)
		}
	}
	checkHypotheses(t, got)
}

func find(rows []lane.RuntimeRow, id string) lane.RuntimeRow {
	for _, r := range rows {
		if r.ExpectationID == id {
			return r
		}
	}
	return lane.RuntimeRow{}
}

func runtimeRows(t testing.TB, dir string) []lane.RuntimeRow {
	t.Helper()
	var doc struct{ Results []lane.RuntimeRow }
	document(t, dir, bundle.RuntimeResults, &doc)
	if len(doc.Results) == 0 {
		t.Fatal("no runtime rows")
	}
	return doc.Results
}

func document(t testing.TB, dir, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checkHypotheses: both kinds of pairs for each family, and a status that claims
// nothing about a system that was not tested.
func checkHypotheses(t *testing.T, got outcome) {
	t.Helper()
	var doc mismatch.HypothesesDocument
	document(t, got.Dir, bundle.Hypotheses, &doc)
	for _, f := range doc.Hypotheses[0].Families {
		if f.Status != mismatch.NotTestableHere || f.Reason == "" || len(f.Pairs) == 0 {
			t.Errorf("H1 of %s: %+v", f.Family, f)
		}
		if !slices.ContainsFunc(got.Summary.Headline, func(l string) bool {
			return strings.HasPrefix(l, "hypothesis 1") && strings.Contains(l, f.Family+": not_testable_here") && strings.HasSuffix(l, f.Reason)
		}) {
			t.Errorf("no line of the summary says so of %s: %q", f.Family, got.Summary.Headline)
		}
	}
	if n := len(doc.Hypotheses[0].Families); n != 5 {
		t.Errorf("H1 for %d families", n)
	}
}

// TestFlipped: one flipped expectation is exactly one packet, and two are two.
func TestFlipped(t *testing.T) {
	slow(t)
	onePerProbe := rewritten(t, "", "acquire") // an expectation is judged on each arm
	text, err := os.ReadFile(onePerProbe)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(onePerProbe)
	for _, profiles := range [][]string{{"mach.strict"}, {"notify.strict", "sysctl.strict"}} {
		plan := string(text)
		for _, profile := range profiles {
			plan = flip(t, plan, profile, "denied")
		}
		flipped := filepath.Join(dir, "plan.toml")
		if err := os.WriteFile(flipped, []byte(plan), 0o600); err != nil {
			t.Fatal(err)
		}
		got := runPlan(t, flipped, nil)
		for _, profile := range profiles {
			if of := got.of(profile); !slices.Equal(of.reasons(), []string{"denied unexpected_deny"}) {
				t.Errorf("%s: packets %v", profile, of.reasons())
			}
		}
		if len(got.packets) != len(profiles) || got.Exit != ExitMismatch || got.Summary.Status != bundle.StatusPartial {
			t.Errorf("%s: exit %d, status %s, packets %v", profiles, got.Exit, got.Summary.Status, got.reasons())
		}
	}
}

// flip makes one expected deny an allow.
func flip(t *testing.T, text, profile, probe string) string {
	t.Helper()
	at := strings.Index(text, `"`+profile+`"`)
	line := at + strings.Index(text[at:], `{ id = "`+probe+`"`)
	end := line + strings.IndexByte(text[line:], '\n')
	flipped := strings.Replace(text[line:end], `expect = "deny"`, `expect = "allow"`, 1)
	if flipped == text[line:end] {
		t.Fatalf("nothing to flip in %s", text[line:end])
	}
	return text[:line] + flipped + text[end:]
}

func absolute(t testing.TB, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// TestNoDaemon: without dbus-daemon the bus families are blocked, with the
// command that installs it, and the others run.
func TestNoDaemon(t *testing.T) {
	if _, err := programs(); err != nil { // built while there is a PATH
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	got := runAnyPlan(t, defaultPlan, nil)
	if got.Exit != ExitIncomplete {
		t.Errorf("exit %d", got.Exit)
	}
	for _, r := range runtimeRows(t, got.Dir) {
		onBus := r.Family == "mach" || r.Family == "notify"
		switch blocked := r.Decision.Reason == lane.FixtureUnavailable; {
		case onBus != blocked:
			t.Errorf("%s: %s", r.ExpectationID, r.Decision.Reason)
		case onBus && (r.RuntimeStatus != "blocked" || !strings.Contains(r.Detail, "apt-get install dbus-daemon")):
			t.Errorf("%s: %s, %q", r.ExpectationID, r.RuntimeStatus, r.Detail)
		}
	}
}

// reached has for each mismatch reason that our monitor and gateway can lead to
// a plan, broken where nothing sound leads to it.
var reached = map[lane.Reason]struct {
	family, profile, rest string
	fault                 fault
}{
	lane.UnexpectedAllow: {"mach", "(allow default)", `probes = [ { id = "x", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "deny" } ]`, fault{}},
	lane.UnexpectedDeny:  {"mach", "(deny default)", `probes = [ { id = "x", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "allow" } ]`, fault{}},
	lane.OpNotWitnessed: {"mach", "(allow default)",
		`probes = [ { id = "x", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "any" } ]`,
		fault{row: func(r *lane.WitnessRow) { r.Filter.Value = "a.b" }}},
	lane.ContainmentDenied: {"mach", "(allow default)",
		`probes = [ { id = "x", op = "mach-lookup", target = ":1.99999", expect = "any" } ]`, fault{}},
	lane.ProbeErrno: {"sysctl", "(allow default)",
		`probes = [ { id = "x", op = "sysctl-write", target = "kernel.ostype", expect = "any" } ]`, fault{}},
	lane.NotReached: {"nosuch", "(allow default)",
		`probes = [ { id = "x", op = "mach-lookup", target = "a.b", expect = "any" } ]`, fault{}},
	lane.FixtureUnavailable: {"mach", "(allow default)",
		`probes = [ { id = "x", op = "mach-lookup", target = "no bus name", expect = "any" } ]`, fault{}},
	lane.ApplyFailed: {"mach", "(allow default)", `probes = [ { id = "x", op = "mach-lookup", target = "a.b", expect = "any" } ]`,
		fault{seal: func(enforce.Policy) enforce.Policy { return nil }}},
	lane.CapturePipelineDisagreement: {"notify", "(allow default)", `probes = [ { id = "x", op = "darwin-notification-post", target = "a.b.C", expect = "any" } ]`,
		fault{row: deny("a.b.C")}},
	lane.EffectNotObserved: {"notify", "(deny default)(deny darwin-notification-post)", `probes = [ { id = "x", op = "darwin-notification-post", target = "a.b.C", expect = "any" } ]`,
		fault{row: func(r *lane.WitnessRow) { r.Verdict = lane.Allow }}},
	lane.OracleDisagreement: {"mach", "(deny default)", `probes = [ { id = "x", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "allow" } ]`,
		fault{seal: allowAll}},
	lane.NotRechecked: {"sysctl", "(deny default)", "acquire = \"before\"\n" +
		`probes = [ { id = "x", op = "sysctl-read", target = "kernel.ostype", expect = "any", expect_before = "refused" } ]`, fault{}},
	// The owner of .One owns .Also too, which the profile does not allow.
	lane.DependencyDenied: {"mach", `(deny default)(allow mach-lookup (global-name "org.hrhost.fixture.One"))`, "acquire = \"before\"\n" +
		`probes = [ { id = "x", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "any", expect_before = "held" } ]`, fault{}},
	lane.Unstable: {"mach", "(allow default)", "repeat = 2\n" + `probes = [ { id = "x", op = "mach-lookup", target = "org.hrhost.fixture.One", expect = "any" } ]`,
		fault{seal: func(enforce.Policy) enforce.Policy { return &everyOther{} }}},
}

// elsewhere says of every other reason where it is tested, and why not here.
var elsewhere = map[lane.Reason]string{
	lane.ApplyAlreadySandboxed:      "test/faults: an outer filter",
	lane.ApplyListenerBusy:          "test/faults: an outer listener",
	lane.ApplyUnsupported:           "test/faults: an outer filter",
	lane.ProbeDied:                  "test/faults: a plugin that dies",
	lane.ProbeTimeout:               "test/faults: a plugin that hangs",
	lane.ProtocolViolation:          "test/faults: a plugin that breaks the protocol",
	lane.NotMediated:                "host/cmd/hrhost, TestNotMediated: a third party's plugin, since no family of ours has such an operation",
	lane.AcquireFailed:              "host/lane, tables: what cannot be acquired without a sandbox either is unsupported, and both acquire unsealed",
	lane.ObjectHidden:               "host/cmd/hrhost, scripts of seal wrap: only an incomplete witness leads there",
	lane.AmbientPlatformRestriction: "host/lane, tables: only an incomplete witness leads there",
	lane.BaselineUnavailable:        "host/lane, tables: only an incomplete witness leads there",
	lane.TargetAbsentReason:         "host/lane, tables: only an incomplete witness leads there",
}

func allowAll(enforce.Policy) enforce.Policy { return everything{} }

// everyOther allows every other time.
type everyOther struct {
	everything
	n int
}

func (e *everyOther) Decide(q sbpl.Query) sbpl.Decision {
	d := e.everything.Decide(q)
	if e.n++; e.n%2 == 0 {
		d.Action = sbpl.Deny
	}
	return d
}

// everything is a policy that allows whatever it is asked.
type everything struct{}

func (everything) Decide(q sbpl.Query) sbpl.Decision {
	return sbpl.Decision{Action: sbpl.Allow, Operation: q.Operation, RuleText: "(allow default)", Default: true}
}

// TestEveryReason reaches each reason that a plan can reach.
func TestEveryReason(t *testing.T) {
	slow(t)
	sound := map[bool][]lane.Reason{} // by whether they make a run incomplete: plans of one run
	for why, c := range reached {
		if c.fault.none() {
			sound[mismatch.Incomplete(why)] = append(sound[mismatch.Incomplete(why)], why)
			continue
		}
		t.Run(string(why), func(t *testing.T) { reach(t, c.fault, why) })
	}
	for _, together := range sound {
		t.Run(fmt.Sprint(together), func(t *testing.T) { reach(t, fault{}, together...) })
	}
}

// TestEveryReasonHasATest: no reason is left without a test.
func TestEveryReasonHasATest(t *testing.T) {
	known := map[lane.Reason]bool{}
	for _, why := range mismatch.Reasons() {
		known[why] = true
		_, here := reached[why]
		if _, there := elsewhere[why]; here == there {
			t.Errorf("families_linux_test.go: %s: want a plan in reached or, if another test reaches it, an entry in elsewhere", why)
		}
	}
	for why := range elsewhere {
		if !known[why] {
			t.Errorf("families_linux_test.go: elsewhere has %s, which is not a reason of a packet", why)
		}
	}
	for why := range reached {
		if !known[why] {
			t.Errorf("families_linux_test.go: reached has %s, which is not a reason of a packet", why)
		}
	}
}

// reach runs the plans of some reasons as one, each reason's profile under its
// name.
func reach(t *testing.T, f fault, reasons ...lane.Reason) {
	t.Helper()
	dir := t.TempDir()
	text := "schema = 1\nid = \"test\"\n"
	for _, why := range reasons {
		c := reached[why]
		text += fmt.Sprintf("[[profile]]\nid = %q\nfamily = %q\nsource = \"%s.sb\"\n%s\n", why, c.family, why, c.rest)
		if err := os.WriteFile(filepath.Join(dir, string(why)+".sb"), []byte("(version 1)"+c.profile), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "plan.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runPlan(t, path, f.tamper)
	for _, why := range reasons {
		of := got.of(string(why))
		if !slices.ContainsFunc(of.packets, func(p mismatch.Packet) bool { return p.MismatchReason == why }) {
			t.Errorf("%s: packets %v, rows %+v", why, of.reasons(), got.lines)
		}
	}
	want := ExitMismatch
	if mismatch.Incomplete(reasons[0]) {
		want = ExitIncomplete
	}
	if got.Exit != want {
		t.Errorf("exit %d, want %d", got.Exit, want)
	}
}

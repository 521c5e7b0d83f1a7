package selftest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/host/world"
)

func document() *Document {
	result := func(fact string, o Outcome, seen string) Result {
		return Result{Fact: fact, Claim: "claim of " + fact, Source: "s", Status: "assumed", Breaks: "b", Verdict: Verdict{o, seen}, Ended: Returned, Output: "said\x1b[31m\nmore\n"}
	}
	d := &Document{
		RunID: "r1", WorldID: "linux-6.18", System: "linux", Program: "dev", User: "ordinary",
		StartedAt: "2026-01-02T03:04:05Z", EndedAt: "2026-01-02T03:04:06Z",
		World:   &world.World{ID: "linux-6.18", OS: "linux", Release: "6.18", Machine: "amd64", Facts: []world.Fact{{Name: "kernel", Value: "6.18", Source: "uname"}}},
		Results: []Result{result("a.one", Pass, "fine"), result("b.two", Fail, "\x1b[2Jwrong"), result("c.three", NotApplicable, "not here"), result("d.four", Incomplete, "no room")},
	}
	d.Counts = Count(d.Results)
	return d
}

func shown(s string) string { return strings.ReplaceAll(s, "\x1b", `\x1b`) }

func TestText(t *testing.T) {
	var b strings.Builder
	document().Text(&b, shown)
	want := `hrhost selftest   linux-6.18   hrhost dev   ordinary user   2026-01-02T03:04:05Z

pass        a.one                         fine
FAIL        b.two                         \x1b[2Jwrong
            claim   claim of b.two
            breaks  b
            | said\x1b[31m
            | more
n/a         c.three                       not here
INCOMPLETE  d.four                        no room
            claim   claim of d.four
            breaks  b
            | said\x1b[31m
            | more

4 facts: 1 pass, 1 fail, 1 not applicable, 1 incomplete
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

// TestWrite: what is written verifies, and reads back as what it was.
func TestWrite(t *testing.T) {
	out := t.TempDir()
	dir, err := Write(out, document(), shown)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{out, dir} {
		r, err := verify.Bundle(path)
		if err != nil || !r.Valid || r.Kind != bundle.KindSelfTest || r.WorldID != "linux-6.18" || r.Files != 4 {
			t.Errorf("%s: %+v, %v", path, r, err)
		}
	}
	got, err := Read(out)
	if err != nil {
		t.Fatal(err)
	}
	want := document()
	want.SchemaVersion = bundle.SchemaOf(bundle.SelfTestJSON)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := Write(out, document(), shown); err == nil {
		t.Error("written twice")
	}
}

// TestWriteInterrupted: a self test that was stopped is whole, and says so.
func TestWriteInterrupted(t *testing.T) {
	d := document()
	d.Results[3].Ended = Interrupted
	dir, err := Write(t.TempDir(), d, shown)
	if err != nil {
		t.Fatal(err)
	}
	var status bundle.RunStatus
	if err := bundle.ReadDocument(dir, bundle.RunStatusJSON, &status); err != nil || status.State != bundle.Interrupted {
		t.Errorf("%+v, %v", status, err)
	}
	if r, err := verify.Bundle(dir); err != nil || !r.Valid {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCompare(t *testing.T) {
	a, b := document(), document()
	if c := Compare(a, b); c.Differs(false) {
		t.Errorf("the same differ: %+v", c)
	}
	b.Results[0].Seen, b.Results[0].Micros = "fine in other words", 9
	if c := Compare(a, b); c.Differs(false) {
		t.Errorf("other words are a difference: %+v", c)
	}
	b.Results[0].Outcome = Fail
	b.Results[3].Fact = "d.five"
	b.WorldID, b.World.Facts[0].Value = "linux-6.19", "6.19"
	c := Compare(a, b)
	var text strings.Builder
	c.Text(&text, shown)
	want := `world: linux-6.18 and linux-6.19
  kernel                        6.18 -> 6.19
changed  a.one                         pass (fine) -> fail (fine in other words)
removed  d.four                        incomplete (no room)
added    d.five                        incomplete (no room)
3 of 5 facts differ
`
	if d := cmp.Diff(want, text.String()); d != "" {
		t.Error(d)
	}
	if !c.Differs(false) || !c.Differs(true) {
		t.Error("no difference")
	}
	b = document()
	b.WorldID = "linux-6.19"
	if c := Compare(a, b); !c.Differs(false) || c.Differs(true) {
		t.Errorf("another world: %+v", c)
	}
}

func TestAudit(t *testing.T) {
	run := func(*Trial) Verdict { return Verdict{} }
	good := []*Experiment{{Fact: "a.b", Run: run}, {Fact: "a.c", OnlyRead: "why"}}
	if wrong := Audit(good, []string{"a.b", "a.c", "a.d"}, []string{"a.b", "a.c"}); len(wrong) != 0 {
		t.Errorf("got %q", wrong)
	}
	bad := []*Experiment{{Fact: "a.b", Run: run}, {Fact: "a.b", Run: run}, {Fact: "x.y", Run: run}, {Fact: "a.c"}, {Fact: "a.e", Run: run, OnlyRead: "why"}}
	wrong := Audit(bad, []string{"a.b", "a.c", "a.d", "a.e"}, []string{"a.d"})
	want := []string{"a.b has two", "x.y is no fact", "a.c must either", "a.e must either", "a.d has no experiment"}
	if len(wrong) != len(want) {
		t.Fatalf("got %q", wrong)
	}
	for i := range want {
		if !strings.HasPrefix(wrong[i], want[i]) {
			t.Errorf("got %q, want %q", wrong[i], want[i])
		}
	}
}

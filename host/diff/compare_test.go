package diff

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func outcome(profile, name string, attempts ...string) *Outcome {
	o := &Outcome{Profile: profile, Name: name, Attempts: attempts}
	o.set("decision", attempts[0])
	return o
}

func side1(world string, outcomes ...*Outcome) *Side {
	s := &Side{RunID: "r", WorldID: world, World: map[string]string{"world_id": world}, Outcomes: map[string]*Outcome{}}
	for _, o := range outcomes {
		s.Outcomes[o.Profile+":"+o.Name] = o
	}
	return s
}

func TestCompare(t *testing.T) {
	a := side1("w", outcome("p", "gone", "deny"), outcome("p", "same", "deny"), outcome("p", "turned", "deny"),
		outcome("p", "shaky", "deny", "allow"), outcome("p", "steady", "deny", "deny"))
	b := side1("w", outcome("p", "new", "deny"), outcome("p", "same", "deny"), outcome("p", "turned", "allow"),
		outcome("p", "shaky", "deny", "deny"), outcome("p", "steady", "deny", "deny"))
	got := Compare(a, b, Options{})
	want := Report{
		A: Run{"r", "w"}, B: Run{"r", "w"}, World: []Change{}, Settings: []Change{},
		Added: []string{"p:new"}, Removed: []string{"p:gone"},
		Changed:  []Item{{"p:turned", []Change{{"decision", "deny", "allow"}}}},
		Unstable: []Item{{"p:shaky", []Change{{"repeats", "1 times allow, 1 times deny", "2 times deny"}}}},
		Rules:    []Item{},
		Same:     2,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !got.Differs(true) || got.Expectations() != 4 {
		t.Errorf("differs %t, %d expectations", got.Differs(true), got.Expectations())
	}
}

func TestSameSidesDoNotDiffer(t *testing.T) {
	s := side1("w", outcome("p", "x", "deny"))
	if r := Compare(s, s, Options{}); r.Differs(false) || r.Same != 1 {
		t.Errorf("%+v", r)
	}
}

func TestWorldAlone(t *testing.T) {
	r := Compare(side1("w", outcome("p", "x", "deny")), side1("v", outcome("p", "x", "deny")), Options{})
	if !r.Differs(false) || r.Differs(true) {
		t.Errorf("%+v", r)
	}
}

// Settings explain a difference; they are none.
func TestSettingsAreNoDifference(t *testing.T) {
	a, b := side1("w"), side1("w")
	a.Settings, b.Settings = map[string]string{"seal of p": "self"}, map[string]string{"seal of p": "exec"}
	r := Compare(a, b, Options{})
	if r.Differs(false) || len(r.Settings) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestTwoProfiles(t *testing.T) {
	a := side1("w", outcome("strict", "x", "deny"), outcome("strict", "y", "deny"), outcome("canary", "x", "allow"), outcome("canary", "y", "deny"))
	r := Compare(a, a, Options{Profiles: map[string]string{"strict": "canary"}})
	if len(r.Changed) != 1 || r.Changed[0].ID != "canary:x" || r.Same != 1 || len(r.Added)+len(r.Removed) != 0 {
		t.Errorf("%+v", r)
	}
	more := side1("w", outcome("strict", "only", "deny"))
	r = Compare(more, a, Options{Profiles: map[string]string{"strict": "canary"}})
	if want := "strict:only"; len(r.Removed) != 1 || r.Removed[0] != want {
		t.Errorf("removed %v, want %s: B has no such probe", r.Removed, want)
	}
}

// What a bundle holds is text of others.
func TestTextIsEscaped(t *testing.T) {
	var b bytes.Buffer
	r := Compare(side1("w"), side1("w", outcome("p", "x\x1b[2J", "deny")), Options{})
	r.Text(&b, func(s string) string { return strings.ReplaceAll(s, "\x1b", "ESC") })
	if strings.Contains(b.String(), "\x1b") || !strings.Contains(b.String(), "added    p:xESC[2J") {
		t.Errorf("%q", b.String())
	}
}

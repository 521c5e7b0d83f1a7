package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// draft is a plan of one probe, as a command makes it.
func draft() Draft {
	return Draft{
		Plan: Plan{ID: "try", Profiles: []Profile{{
			ID: "try", Family: "sysctl", Source: "/p.sb", Seal: "self", Repeat: 1,
			Probes: []Probe{{ID: "probe", Operation: "sysctl-read", Target: "kernel/ostype", Expect: "any"}},
		}}},
		Blame: map[string]string{
			"profile[0].source": "PROFILE", "profile[0].repeat": "--repeat", "profile[0].params": "-D",
			"profile[0].probes[0].op": "OPERATION", "profile[0].probes[0].target": "TARGET",
			"profile[0].probes[0].expect": "--expect",
		},
	}
}

// made checks that a plan of New is that of its own text, to the line.
func made(t *testing.T, p *Plan, o Options) {
	t.Helper()
	again, err := Parse("", p.Source, o.ReadFile, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.Source)
	}
	for _, q := range []*Plan{p, again} {
		for i := range q.Profiles {
			q.Profiles[i].Policy = nil
		}
	}
	if !reflect.DeepEqual(p, again) || !bytes.Equal(Print(p), p.Source) {
		t.Errorf("made\n%+v\nread\n%+v\n%s", p, again, p.Source)
	}
}

func TestNew(t *testing.T) {
	o := Options{OS: Linux, ReadFile: read}
	d := draft()
	d.Plan.Profiles[0].Params = map[string]string{"A": "", "b\"": "tab\t\x00\x7fend ä\u2028€"}
	p, err := New(d, o)
	if err != nil {
		t.Fatal(err)
	}
	pr := p.Profiles[0]
	if p.Path != "" || pr.Policy == nil || pr.Line == 0 || pr.Probes[0].Line <= pr.Line || pr.Probes[0].Target != "kernel.ostype" ||
		!reflect.DeepEqual(pr.Params, d.Plan.Profiles[0].Params) || pr.Timeout != defaultTimeout {
		t.Errorf("%+v", p)
	}
	made(t, p, o)

	// A worker gets the draft as JSON, and makes the same plan of it.
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var sent Draft
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	again, err := New(sent, o)
	if err != nil || again.Digest != p.Digest {
		t.Errorf("sent: %v, %+v", err, again)
	}

	d = draft()
	d.Plan.Profiles[0].Probes, d.Plan.Profiles[0].Sweep = nil, &Sweep{Operation: "sysctl-read", Match: "net/*", Limit: 7}
	d.Plan.Plugins = []Plugin{{Family: "sysctl", Path: "/bin/hrhost-probe-sysctl"}}
	d.Plan.Run.Bus = "user"
	if p, err = New(d, o); err != nil {
		t.Fatal(err)
	}
	if p.Run.Bus != "user" || p.Plugins[0].Path != "/bin/hrhost-probe-sysctl" || *p.Profiles[0].Sweep != (Sweep{"sysctl-read", "sysctl-name", "net/*", 7}) {
		t.Errorf("%+v", p)
	}
	made(t, p, o)
}

// TestNewRefusals: a problem blames the flag, and does not mention tables that no
// person wrote.
func TestNewRefusals(t *testing.T) {
	probe := func(d *Draft) *Probe { return &d.Plan.Profiles[0].Probes[0] }
	for _, c := range []struct {
		change func(*Draft)
		want   Problem
	}{
		{func(d *Draft) { d.Plan.Profiles[0].Repeat = 0 }, Problem{Where: "--repeat", Text: "repeat 0 is out of range", Hint: "use 1 to 1000"}},
		{func(d *Draft) { probe(d).Expect = "maybe" }, Problem{Where: "--expect", Text: `unknown expect "maybe"`, Hint: `use "allow", "deny", "absent" or "any"`}},
		{func(d *Draft) { probe(d).Operation = "sysctl-raed" }, Problem{Where: "OPERATION", Text: `unknown operation "sysctl-raed"`, Hint: `did you mean "sysctl-read"?`}},
		{func(d *Draft) { probe(d).Target = "" }, Problem{Where: "TARGET", Text: "target is empty"}},
		{func(d *Draft) { probe(d).Target = "a\xff\nb" }, Problem{Where: "TARGET", Text: "the value is not UTF-8", Hint: "plans and bundles are"}},
		{func(d *Draft) { probe(d).Target = "kernel..ostype" }, Problem{Where: "TARGET", Text: `malformed sysctl-name "kernel..ostype": it has an empty component; want a name such as kernel.ostype or kernel/ostype`}},
		{func(d *Draft) { d.Plan.Profiles[0].Params = map[string]string{"x": "\xff"} }, Problem{Where: "-D", Text: "the value is not UTF-8", Hint: "plans and bundles are"}},
		{func(d *Draft) { d.Plan.Profiles[0].Params = map[string]string{"x.\xff": "y"} }, Problem{Where: "-D", Text: "the value is not UTF-8", Hint: "plans and bundles are"}},
		{func(d *Draft) { d.Plan.Profiles[0].Source = "/none.sb" }, Problem{Where: "PROFILE", Text: `reading profile "/none.sb": file does not exist`}},
		{func(d *Draft) { d.Plan.Run.Bus = "none" }, Problem{Text: `unknown bus "none"`, Hint: `use "private" or "user"`}},
		{func(d *Draft) {
			probe(d).Operation, probe(d).Target, probe(d).Expect = "signal", "self", "deny"
		}, Problem{Where: "--expect", Text: "expect deny is for a signal to itself, which the system always allows", Hint: "signal a child instead"}},
	} {
		d := draft()
		c.change(&d)
		_, err := New(d, Options{OS: Linux, ReadFile: read})
		var list ErrorList
		if !errors.As(err, &list) || len(list) != 1 {
			t.Errorf("%v, want %v", err, c.want)
			continue
		}
		list[0].at = position{}
		if list[0] != c.want {
			t.Errorf("got  %+v\nwant %+v", list[0], c.want)
		}
	}
}

// TestProblem: a part that is empty leaves no trace.
func TestProblem(t *testing.T) {
	for want, p := range map[string]Problem{
		"a: b: c": {Where: "a", Text: "b", Hint: "c"},
		"a: b":    {Where: "a", Text: "b"},
		"b: c":    {Text: "b", Hint: "c"},
	} {
		if got := p.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// FuzzNew: New refuses a draft, or Parse makes the same plan of its print.
func FuzzNew(f *testing.F) {
	f.Add("sysctl", "sysctl-read", "", "kernel/ostype", "any", "self", "N", "v", 1, false)
	f.Add("sysctl", "sysctl-read", "sysctl-name", "net.*", "", "exec", "a.b", "\x00\"\\\n\u2028", 0, true)
	f.Fuzz(func(t *testing.T, family, op, filter, target, expect, seal, name, value string, n int, sweep bool) {
		d := draft()
		pr := &d.Plan.Profiles[0]
		pr.Family, pr.Seal, pr.Params = family, seal, map[string]string{name: value}
		d.Plan.Plugins = []Plugin{{Family: family, Path: "/" + strings.ReplaceAll(value, "/", "")}}
		if sweep {
			pr.Probes, pr.Sweep = nil, &Sweep{Operation: op, Filter: filter, Match: target, Limit: n}
		} else {
			pr.Repeat, pr.Probes[0] = n, Probe{ID: "probe", Operation: op, Filter: filter, Target: target, Expect: expect}
		}
		o := Options{OS: Linux, ReadFile: read}
		p, err := New(d, o)
		if err != nil {
			if list := (ErrorList{}); !errors.As(err, &list) || strings.Contains(err.Error(), "TOML") {
				t.Errorf("%+v: %v", d, err)
			}
			return
		}
		if got := p.Profiles[0].Params[name]; got != value {
			t.Errorf("parameter %q is %q, want %q", name, got, value)
		}
		made(t, p, o)
	})
}

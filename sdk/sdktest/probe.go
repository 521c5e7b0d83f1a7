package sdktest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
)

// ProbeTest is one attempt: Run makes it with no sandbox, RunSealed under a
// profile.
type ProbeTest struct {
	Spec      *sdk.Spec       // of the plugin
	Operation string          // which of its probes
	Target    string          // as in a plan
	Arm       sdk.Arm         // "" is after; before and again acquire a handle first
	Options   json.RawMessage // for Spec.Configure, nil for none
	Want      Want            // what it must come to
}

// Want is what an attempt must come to. A zero field is not checked.
type Want struct {
	Class   sdk.Class  // how the probe's table reads the result
	Effect  sdk.Effect // whether the call's effect was seen
	Carrier string     // as in sdk.Call
	Filter  string     // as in sdk.Call
	Skipped bool       // no attempt is made

	Decision Decision // of RunSealed
}

// Decision is what the policy decided about an attempt.
type Decision string

// The decisions.
const (
	Allow      Decision = "allow"
	Deny       Decision = "deny"
	NoDecision Decision = "none" // nobody decided; Outcome.Why says why not
)

// Outcome is what became of the attempt.
type Outcome struct {
	Attempted  bool       // the call was made
	SkipReason string     // why it was not
	Class      sdk.Class  // by the probe's own table, "" when not attempted
	API        string     // the call that gave the result
	Errno      *int       // 0 for success; nil when the result has no errno
	Value      string     // what the call read
	Effect     sdk.Effect // whether its effect was seen
	Carrier    string     // the call as it was made
	Filter     string     // what it was about
	Decision   Decision   // of RunSealed: what the policy decided
	Why        string     // of RunSealed: the reason and the deciding rule
}

// Run makes the attempt with no sandbox, in the test process, over a real
// connection, and checks it.
func (pt ProbeTest) Run(t *testing.T) Outcome {
	t.Helper()
	client := connect(t, pt.Spec)
	d, err := client.Describe(t.Context(), wire.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics, err := client.Configure(t.Context(), pt.Options)
	if err != nil || len(diagnostics) > 0 {
		t.Fatalf("Configure(%s): %v, %v", pt.Options, diagnostics, err)
	}
	pt.prepare(t, client)
	got := outcome(d.Probe(pt.Operation), pt.attempt(t, client))
	pt.check(t, got)
	return got
}

func (pt ProbeTest) arm() terms.Arm {
	if pt.Arm == "" {
		return terms.After
	}
	return terms.Arm(pt.Arm)
}

// prepare acquires what is to be held; the test's end lets go of it.
func (pt ProbeTest) prepare(t *testing.T, client *wire.Client) {
	t.Helper()
	want := wire.PrepareTarget{Operation: pt.Operation, Target: pt.Target, Arm: pt.arm()}
	r, err := client.Prepare(t.Context(), wire.PrepareRequest{Targets: []wire.PrepareTarget{want}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Targets) != 1 || r.Targets[0].PrepareTarget != want {
		t.Errorf("Prepare(%+v) = %+v", want, r)
	}
	t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func (pt ProbeTest) attempt(t *testing.T, client *wire.Client) wire.Outcome {
	t.Helper()
	var intent *wire.Intent
	var got wire.Outcome
	item := wire.RunItem{ID: pt.Operation + ":" + pt.Target, Operation: pt.Operation,
		Target: pt.Target, Arm: pt.arm(), Attempt: 1}
	_, err := client.Run(t.Context(), []wire.RunItem{item}, func(e wire.Event) error {
		switch e := e.(type) {
		case wire.Intent:
			intent = &e
		case wire.Outcome:
			got = e
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Attempted && (intent == nil || intent.FilterValue != got.FilterValue) {
		t.Errorf("intent %+v before outcome %+v", intent, got)
	}
	return got
}

func outcome(p *wire.Probe, o wire.Outcome) Outcome {
	out := Outcome{
		Attempted: o.Attempted, SkipReason: o.SkipReason, Effect: sdk.Effect(o.Effect),
		Carrier: o.Carrier, Filter: o.FilterValue,
	}
	if o.Result != nil {
		out.API, out.Errno, out.Value = o.Result.API, o.Result.Errno, o.Result.Value
		if p != nil {
			out.Class = sdk.Class(p.Classify(*o.Result))
		}
	}
	return out
}

func (pt ProbeTest) check(t *testing.T, got Outcome) {
	t.Helper()
	if got.Attempted == pt.Want.Skipped {
		t.Errorf("%s %s: attempted %t (%s)", pt.Operation, pt.Target, got.Attempted, got.SkipReason)
	}
	same := func(what, got, want string) {
		t.Helper()
		if want != "" && got != want {
			t.Errorf("%s %s: %s is %q, want %q", pt.Operation, pt.Target, what, got, want)
		}
	}
	same("class", string(got.Class), string(pt.Want.Class))
	same("effect", string(got.Effect), string(pt.Want.Effect))
	same("carrier", got.Carrier, pt.Want.Carrier)
	same("filter", got.Filter, pt.Want.Filter)
}

// Targets lists the targets of an operation as the host would.
func Targets(t *testing.T, spec *sdk.Spec, operation string) []string {
	t.Helper()
	var list []string
	err := connect(t, spec).Enumerate(t.Context(), operation, func(target wire.Target) error {
		list = append(list, target.Value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

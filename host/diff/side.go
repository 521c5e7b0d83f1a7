package diff

import (
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// Side is one bundle, as far as a comparison needs it.
type Side struct {
	RunID    string
	WorldID  string
	World    map[string]string // facts by name; one that could not be read says why
	Settings map[string]string // what was run: digests, seal modes, versions
	Outcomes map[string]*Outcome

	numbered map[string]string // a sweep's rows: the id in Outcomes of the one in the bundle
}

// Outcome is all that a bundle says about one expectation. Each list of the
// lanes is in the order of the attempts.
type Outcome struct {
	Profile string
	Name    string // <probe>@<arm>
	Fields  []Field
	// Attempts holds one text for each attempt; repeats that agree are equal.
	Attempts []string

	by rule // of the first attempt
}

// Field is one property of an outcome. Fields of two outcomes are compared by
// name.
type Field struct{ Name, Value string }

// Unstable reports that the repeats of an expectation disagree.
func (o *Outcome) Unstable() bool {
	for _, a := range o.Attempts {
		if a != o.Attempts[0] {
			return true
		}
	}
	return false
}

func (o *Outcome) set(name, value string) {
	o.Fields = append(o.Fields, Field{name, value})
}

func (o *Outcome) get(name string) string {
	for _, f := range o.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// planned begins an outcome with what the plan said.
func planned(profile string, e bundle.Expectation) *Outcome {
	o := &Outcome{Profile: profile, Name: strings.TrimPrefix(e.ExpectationID, profile+":")}
	o.set("operation", strings.TrimSpace(e.Operation+" "+e.Filter.Name+" "+e.Target))
	o.set("expected", e.Expected)
	if e.Skipped {
		o.set("skipped", "not for this system")
	}
	return o
}

// runtime adds an attempt. The first one speaks for the expectation; the others
// only show whether it is stable.
func (o *Outcome) runtime(row lane.RuntimeRow) {
	fields := []Field{
		{"decision", decision(row.Decision)}, {"because", string(row.Decision.Reason)},
		{"evidence", string(row.Decision.Tier)}, {"got", result(row.State, row.Result)},
		{"effect", string(row.Effect)},
	}
	if row.Use != "" {
		fields = append(fields, Field{"use", string(row.Use)})
	}
	if len(o.Attempts) == 0 {
		o.Fields = append(o.Fields, fields...)
		o.by = ruleOf(row.Decision)
	}
	var text []string
	for _, f := range fields {
		text = append(text, f.Value)
	}
	o.Attempts = append(o.Attempts, strings.Join(text, " "))
}

func (o *Outcome) baseline(row lane.BaselineRow) {
	v := result(row.State, row.Result)
	if row.Contained {
		v = "contained"
	}
	o.set("no sandbox", v)
}

func (o *Outcome) oracle(row lane.OracleRow) { o.set("predicted by "+row.Source, row.Prediction) }

func decision(d lane.Decision) string {
	if d.Verdict == nil {
		return "none"
	}
	return string(*d.Verdict)
}

// result is a call's result without the value that it read.
func result(state lane.State, r lane.Result) string {
	switch {
	case state != lane.Done:
		return string(state)
	case r.ErrnoName != "":
		return r.ErrnoName
	case r.Native != nil:
		return r.Native.API + " " + r.Native.Name
	}
	return string(r.Class)
}

// Has reports that the bundle has a profile.
func (s *Side) Has(profile string) bool {
	for _, o := range s.Outcomes {
		if o.Profile == profile {
			return true
		}
	}
	return false
}

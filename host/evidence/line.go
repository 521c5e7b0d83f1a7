package evidence

import (
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// Line is one expectation as a person reads it.
type Line struct {
	Met, Skipped, Decided bool
	ID                    string
	Predicted             string
	Enforced              string
	Got                   string
	NoSandbox             string
	Carrier               string // the real call, where it is not the operation's own: "dbus GetNameOwner"
	Rule                  string // file:line:col, or why there is no decision
	Reasons               []string
}

// NewLine is a judged expectation as a person reads it.
func NewLine(e *Evidence, v mismatch.Judgement) Line {
	row := e.Rows[0]
	l := Line{
		Met: v.Met && len(v.Packets) == 0, Skipped: v.Skipped, Decided: v.Decided,
		ID: ShownID(e.Profile, e.Question), Predicted: "-", Enforced: "-", Got: "-", NoSandbox: "-",
	}
	if len(e.Oracle) > 0 {
		l.Predicted = e.Oracle[0].Prediction
	}
	if e.Verdict != "" {
		l.Enforced = string(e.Verdict)
	}
	if word, _, _ := strings.Cut(row.Carrier, " "); word == "dbus" {
		l.Carrier = strings.Replace(row.Carrier, " "+e.Question.Target, "", 1)
	}
	const most = 10
	l.Got = lane.Shown(row.RuntimeStatus, row.Result, row.Effect, most)
	l.NoSandbox = lane.Shown(e.Baseline.RuntimeStatus, e.Baseline.Result, e.Baseline.Effect, most)
	if e.Baseline.Contained {
		l.NoSandbox = "contained"
	}
	switch ref := row.Decision.PolicyRule; {
	case row.Decision.Verdict == nil && row.Use != "":
		l.Rule = "handle " + string(row.Use) + ": " + string(row.Decision.Reason)
	case row.Decision.Verdict == nil:
		l.Rule = "no decision: " + string(row.Decision.Reason)
	case ref != nil:
		l.Rule = ref.Place()
	}
	for _, p := range v.Packets {
		l.Reasons = append(l.Reasons, string(p.MismatchReason))
	}
	return l
}

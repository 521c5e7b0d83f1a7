package run

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// relations are the facts that a planned process target stands for, by which
// sbpl-model predicts without looking at any process.
var relations = map[string][]string{
	"self":    {"self"},
	"child":   {"others", "children", "same-sandbox", "pgrp"},
	"sibling": {"others", "same-sandbox"},
	"pid1":    {"others", "initproc"},
	"missing": {"others"},
}

// related are the relations of a planned process to the sealed one, number pid. A
// number as a target is a process of the host's, and related to the sealed one
// only if it is that.
func related(target string, pid int) []string {
	switch number, isNumber := strings.CutPrefix(target, "pid:"); {
	case !isNumber:
		return relations[target]
	case number == strconv.Itoa(pid):
		return relations["self"]
	case number == "1":
		return relations["pid1"]
	}
	return []string{"others"}
}

// query is what a planned probe asks of a policy. With a pid, that of the sealed
// process, the relations of processes are filled in; the live enforcement point
// (pid 0) looks them up.
func query(p question, pid int) sbpl.Query {
	q := sbpl.Query{Operation: p.Operation}
	switch p.Filter {
	case "":
	case "target":
		if pid == 0 && strings.HasPrefix(p.Target, "pid:") {
			q.Filters = append(q.Filters, sbpl.Filter{Name: "target", Value: p.Target})
			break
		}
		for _, rel := range related(p.Target, pid) {
			q.Filters = append(q.Filters, sbpl.Filter{Name: "target", Value: rel})
		}
	default:
		q.Filters = append(q.Filters, enforce.Facts(p.Filter, p.Target)...)
	}
	return q
}

// predict asks the evaluator. It has no answer about a profile that it could not
// compile.
func predict(prof *plan.Profile, p question, pid int) (sbpl.Decision, lane.OracleRow) {
	if pid == 0 {
		pid = -1 // no process was started: it is nobody
	}
	d := sbpl.Decision{Err: errors.New("the evaluator does not know this profile: " + prof.Gate)}
	if prof.Policy != nil {
		d = prof.Policy.Decide(query(p, pid))
	}
	row := lane.OracleRow{
		Source: "sbpl-model", Prediction: d.Action.String(),
		Calibration: calibration(), SharedPolicyEngine: sharedEngine, Missing: d.Missing,
	}
	switch {
	case d.Err != nil:
		row.Prediction, row.Detail = "error", d.Err.Error()
	case d.Action != sbpl.Unknown:
		row.Rule = RuleRef(d)
	}
	return d, row
}

// RuleRef is a decision's rule as the lanes write it.
func RuleRef(d sbpl.Decision) *lane.RuleRef {
	return &lane.RuleRef{
		File: d.Rule.File, Line: d.Rule.Line, Col: d.Rule.Col, Text: d.RuleText,
		DecidedAt: d.Operation, Walk: d.Walk, Default: d.Default, Implicit: d.Implicit, Unverified: d.Unverified,
	}
}

// asked is what the live enforcement point answered about the same probe.
func asked(a enforce.Answer, calibration string) lane.OracleRow {
	row := lane.OracleRow{
		Source: "monitor_check", Prediction: a.Prediction, Rule: a.Rule,
		Calibration: calibration, SharedPolicyEngine: true, Missing: a.Missing, Detail: a.Detail,
	}
	if a.Source != "" { // the system's own, which shares nothing with the evaluator
		row.Source, row.SharedPolicyEngine = a.Source, false
	}
	return row
}

// calibrationProfile has one denied value and one allowed sibling.
const calibrationProfile = `(version 1)(deny default)(allow sysctl-read (sysctl-name "hrhost.calibration.allowed"))`

// calibration asks the evaluator the strict pair, in each run: a denied value
// must answer deny and its allowed sibling allow.
var calibration = sync.OnceValue(func() string {
	p, err := sbpl.Compile([]byte(calibrationProfile), sbpl.Options{Name: "<calibration>"})
	if err != nil {
		return "uncalibrated"
	}
	ask := func(name string) sbpl.Action {
		return p.Decide(sbpl.Query{Operation: "sysctl-read", Filters: []sbpl.Filter{{Name: "sysctl-name", Value: name}}}).Action
	}
	if ask("hrhost.calibration.allowed") == sbpl.Allow && ask("hrhost.calibration.denied") == sbpl.Deny {
		return "calibrated"
	}
	return "uncalibrated"
})

// calibrated asks about a denied name and its allowed sibling.
func calibrated(ask func(int, sbpl.Query) enforce.Answer, pid int, op, filter string) string {
	said := func(name string) string {
		return ask(pid, sbpl.Query{Operation: op, Filters: []sbpl.Filter{{Name: filter, Value: name}}}).Prediction
	}
	if said("hrhost.calibration.allowed") == "allow" && said("hrhost.calibration.denied") == "deny" {
		return "calibrated"
	}
	return "uncalibrated"
}

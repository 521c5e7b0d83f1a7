package evidence

import (
	"errors"
	"slices"
	"sync"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// implied returns the facts that a target implies without stating them, as far as the
// profile asks about them: which signal a process is sent.
func implied(q Question, open []string) []lane.Filter {
	const number = "signal-number"
	if q.Operation != "signal" || q.Filter != "target" || !slices.Contains(open, number) {
		return nil
	}
	return []lane.Filter{{Name: number, Value: lane.Signal(q.Target)}}
}

// Predict asks the evaluator about a process, 0 when none was started. It has no
// answer about a profile that it could not compile. shared reports that the
// witness asks the same evaluator.
func Predict(prof *plan.Profile, q Question, pid int, shared bool) (sbpl.Decision, lane.OracleRow) {
	if pid == 0 {
		pid = enforce.Nobody
	}
	d := sbpl.Decision{Err: errors.New("the evaluator does not know this profile: " + prof.Gate)}
	if prof.Policy != nil {
		d = prof.Policy.Decide(q.Query(pid))
	}
	row := lane.OracleRow{Source: lane.SBPLModel, Calibration: calibration(), SharedPolicyEngine: shared, Missing: d.Missing}
	if row.Prediction, row.Rule = enforce.Predicted(&d); d.Err != nil {
		row.Detail = d.Err.Error()
	}
	return d, row
}

// Asked is the row of a live enforcement point's answer. calibration is the
// result of [enforce.Calibrate] for that point.
func Asked(a enforce.Answer, calibration string) lane.OracleRow {
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
const calibrationProfile = `(version 1)(deny default)(allow sysctl-read (sysctl-name "` + enforce.CalibrationAllowed + `"))`

// calibration asks the evaluator the strict pair, in each run: a denied value
// must answer deny and its allowed sibling allow.
var calibration = sync.OnceValue(func() string {
	p, err := sbpl.Compile([]byte(calibrationProfile), sbpl.Options{Name: "<calibration>"})
	if err != nil {
		return enforce.Uncalibrated
	}
	ask := func(name string) sbpl.Action {
		return p.Decide(sbpl.Query{Operation: "sysctl-read", Filters: []sbpl.Filter{{Name: "sysctl-name", Value: name}}}).Action
	}
	if ask(enforce.CalibrationAllowed) == sbpl.Allow && ask(enforce.CalibrationDenied) == sbpl.Deny {
		return enforce.Calibrated
	}
	return enforce.Uncalibrated
})

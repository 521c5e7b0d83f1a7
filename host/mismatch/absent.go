package mismatch

import "github.com/hrhost/hrhost/host/lane"

// DeniedAbsent reports that an expected denial is about a target that does not
// exist: the policy denied it, and without a sandbox the same probe found nothing.
// The decision is true, but it protects nothing: a misspelled name is denied by
// every profile that denies by default.
func DeniedAbsent(exp Expectation, attempts []lane.RuntimeRow, base *lane.BaselineRow) bool {
	if exp.Expected != "deny" || exp.Arm != lane.After || len(attempts) == 0 || base == nil {
		return false
	}
	v := attempts[0].Decision.Verdict
	return v != nil && *v == lane.Deny && base.State == lane.Done && !base.Contained && base.Result.Class == lane.Missing
}

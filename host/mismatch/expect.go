package mismatch

import "github.com/hrhost/hrhost/host/lane"

// decided reports that an attempt's evidence can be compared with what was
// expected: a decision, or for a handle acquired before sealing its use.
// "any" is satisfied by whatever was decided, never by no decision at all.
func decided(exp Expectation, row *lane.RuntimeRow) bool {
	switch {
	case row == nil:
		return false
	case exp.Arm == lane.Before:
		return row.Use != ""
	}
	return row.Decision.Verdict != nil || missingUndenied(exp, row)
}

// missingUndenied is the one case in which an attempt without a decision can
// meet an expectation: "absent" asks about the object, and the object was
// missing.
func missingUndenied(exp Expectation, row *lane.RuntimeRow) bool {
	return exp.Expected == "absent" && row.State == lane.Done &&
		row.Result.Class == lane.Missing && row.Decision.Reason == lane.TargetAbsentReason
}

// meets compares one decided attempt with the expectation.
func meets(exp Expectation, row *lane.RuntimeRow, base *lane.BaselineRow) bool {
	switch exp.Expected {
	case "any":
		return true
	case "absent":
		return absent(row, base)
	case "allow", "deny":
		v := row.Decision.Verdict
		return v != nil && string(*v) == exp.Expected
	case "held", "refused", "lost":
		return string(row.Use) == exp.Expected
	}
	return false
}

// absent: missing in both lanes, and not denied.
func absent(row *lane.RuntimeRow, base *lane.BaselineRow) bool {
	if v := row.Decision.Verdict; v != nil && *v == lane.Deny {
		return false
	}
	return row.State == lane.Done && row.Result.Class == lane.Missing &&
		base != nil && base.State == lane.Done && !base.Contained && base.Result.Class == lane.Missing
}

// unmet is the reason of a decision that went the other way. An object that
// should have been missing and was not denied was there, or its absence could
// not be shown.
func unmet(exp Expectation, row *lane.RuntimeRow) lane.Reason {
	v := row.Decision.Verdict
	switch {
	case exp.Arm == lane.Before && v == nil: // what a handle came to is no decision
		return row.Decision.Reason
	case v == nil:
		return lane.BaselineUnavailable
	case *v == lane.Allow:
		return lane.UnexpectedAllow
	}
	return lane.UnexpectedDeny
}

// outcome is what repeats of a probe must agree in.
func outcome(exp Expectation, row *lane.RuntimeRow) string {
	s := string(row.Decision.Reason) + "/" + string(row.Result.Class)
	if v := row.Decision.Verdict; v != nil {
		s += "/" + string(*v)
	}
	if exp.Arm == lane.Before {
		s += "/" + string(row.Use)
	}
	return s
}

package enforce

import "github.com/hrhost/hrhost/sb/sbpl"

// The two names that a live oracle is asked about. A profile for calibration allows
// the first and denies the second.
const (
	CalibrationAllowed = "hrhost.calibration.allowed"
	CalibrationDenied  = "hrhost.calibration.denied"
)

// The results of a calibration.
const (
	Calibrated   = "calibrated"
	Uncalibrated = "uncalibrated"
	NotNeeded    = "not_needed"
)

// Calibrate asks a live enforcement point about a denied name and its allowed
// sibling. The answers of an uncalibrated point count for nothing.
func Calibrate(ask func(int, sbpl.Query) Answer, pid int, op, filter string) string {
	said := func(name string) string {
		return ask(pid, sbpl.Query{Operation: op, Filters: []sbpl.Filter{{Name: filter, Value: name}}}).Prediction
	}
	if said(CalibrationAllowed) == "allow" && said(CalibrationDenied) == "deny" {
		return Calibrated
	}
	return Uncalibrated
}

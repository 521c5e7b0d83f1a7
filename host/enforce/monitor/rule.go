//go:build linux

package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// ruleRef points at the profile's text behind a decision.
func ruleRef(d *sbpl.Decision) *lane.RuleRef {
	return &lane.RuleRef{
		File: d.Rule.File, Line: d.Rule.Line, Col: d.Rule.Col, Text: d.RuleText,
		DecidedAt: d.Operation, Walk: d.Walk, Default: d.Default, Implicit: d.Implicit, Unverified: d.Unverified,
	}
}

// sendSignal is the signal that the deciding rule wants the caller to get
// ((with send-signal SIGKILL), (with termination)), or 0.
func sendSignal(d *sbpl.Decision) int {
	for _, mod := range d.Modifiers {
		switch {
		case mod.Name == "termination":
			return int(unix.SIGKILL)
		case mod.Name == "send-signal" && len(mod.Args) == 1:
			return linuxSignal(mod.Args[0])
		}
	}
	return 0
}

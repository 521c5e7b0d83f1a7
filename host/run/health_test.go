package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/host/world"
)

// TestSentencesAreLines: an error of several lines is one line in every sentence that
// a run makes of it.
func TestSentencesAreLines(t *testing.T) {
	err := errors.Join(errors.New("the first"), errors.New("the second\n"))
	failed := func(stage lane.Stage) *probing.Report { return &probing.Report{Err: err, Failed: stage, Epoch: 1} }
	blocked := failed(lane.StagePrepare)
	blocked.Reason = lane.FixtureUnavailable
	prof := &plan.Profile{Family: "f", Sweep: &plan.Sweep{Operation: "sysctl-read"}}
	a := &about{world: &world.World{}, plan: &plan.Plan{}}
	for name, got := range map[string]string{
		"blocked":         health("", blocked),
		"stopped":         health("", failed(lane.StageOperation)),
		"did not start":   health("", failed(lane.StageLaunch)),
		"not sealed":      health("", failed(lane.StageApply)),
		"baseline":        frame{}.unsealed(newBatch(prof, nil), failed(lane.StageLaunch), launch.Containment{}).Trouble,
		"rows":            observe(failed(lane.StageLaunch)).Err,
		"not listed":      unlisted(failed(lane.StageOperation), prof),
		"between batches": diedBetween(failed(lane.StageOperation)),
		"preflight":       a.preflight("seccomp", err).BlockedReason,
		"faults":          strings.Join(misdeeds(failed(lane.StageOperation)), "|"),
	} {
		if !strings.Contains(got, "the first; the second") || strings.ContainsAny(got, "\n\r") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

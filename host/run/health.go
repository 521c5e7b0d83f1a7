package run

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/text"
)

// health is what a person should know of a batch's processes, "" when all went
// well.
func health(baseline string, sealed *probing.Report) string {
	switch {
	case sealed.Reason == lane.FixtureUnavailable:
		return "BLOCKED: " + text.OneLine(sealed.Err.Error())
	case sealed.Failed == lane.StageOperation:
		return died(sealed)
	case sealed.Epoch > 0 && (sealed.Failed == lane.StageLaunch || sealed.Failed == lane.StageHandshake || sealed.Failed == lane.StagePrepare):
		return "DID NOT START under its profile: " + sentence(sealed.Err)
	case sealed.Failed != "" && sealed.Failed != lane.StageCleanup && sealed.Failed != lane.StageReport:
		return "NOT SEALED: " + sentence(sealed.Err)
	}
	return baseline
}

func asLaunch(err error, target **launch.Error) bool { return errors.As(err, target) }

// sentence is an error in one line, with its hint. The errors of things that are done at
// once are joined by line ends, and the words of a program that failed may have some.
func sentence(err error) string { return text.OneLine(err.Error()) + hint(err) }

func hint(err error) string {
	var le *launch.Error
	if asLaunch(err, &le) && le.Hint != "" {
		return " (" + le.Hint + ")"
	}
	return ""
}

// died names the probe at which a process stopped and how: by itself, by its
// time limit, or by our hand because it broke the protocol.
func died(s *probing.Report) string {
	done, where := 0, "no probe"
	for _, a := range s.Attempts {
		if a.Outcome != nil || a.Slot.State == recorder.Done {
			done++
		}
		if a.Stopped {
			_, where, _ = strings.Cut(a.Item.ID, ":")
		}
	}
	verb, how := "STOPPED", text.OneLine(s.Err.Error())
	switch {
	case s.TimedOut:
		verb, how = "HUNG", "killed after its time limit"
	case s.Exit != nil && !s.Exit.Killed:
		verb, how = "DIED", s.Exit.String()
	}
	return fmt.Sprintf("%s in %s: %s (%d of %d done)", verb, where, how, done, len(s.Attempts))
}

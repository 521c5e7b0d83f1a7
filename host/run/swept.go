package run

import (
	"fmt"
	"os"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/text"
)

// swept is what is known of a sweep so far.
type swept struct {
	result bundle.SweepResult
	took   time.Duration
	note   string // the first trouble of a process
}

// trouble keeps the first note that a person should know of, and the process's peak.
func (s *swept) trouble(note string, rep *probing.Report) {
	if s.note == "" {
		s.note = note
	}
	s.result.PluginPeak = max(s.result.PluginPeak, rep.Peak)
}

// lost notes a process that died between two batches.
func (s *swept) lost(rep *probing.Report) {
	if s.note == "" {
		s.note = diedBetween(rep)
	}
	s.trouble("", rep)
}

// diedBetween tells of a process that took no batch along when it died. Every target
// may have been measured all the same, but a process died.
func diedBetween(rep *probing.Report) string {
	how := text.OneLine(rep.Err.Error())
	if rep.Unbegun && rep.Exit != nil && !rep.Exit.Killed {
		how = rep.Exit.String()
	}
	return "DIED between two batches: " + how + hint(rep.Err) + "; another process was given the next one"
}

// progress is how far the sweep is.
func (s *swept) progress(sealed bool, done int) SweepProgress {
	return SweepProgress{
		ID: s.result.ProfileID, Sealed: sealed, Done: done, Targets: s.result.Targets, PerSecond: rate(&s.result),
	}
}

// decided counts the targets that have their rows.
func decided(r *bundle.SweepResult) int { return r.Allowed + r.Denied + r.Other }

// rate is targets by the time of the sealed attempts.
func rate(r *bundle.SweepResult) int64 { return int64(decided(r)) * 1e6 / max(1, r.SealedUS) }

// finish completes the result and returns what the sweep amounts to. sealed had the
// processes under the policy, nil when there was none.
func (s *swept) finish(seal string, sealed *worker) ProfileDone {
	s.result.Group()
	s.result.PerSecond, s.result.HostPeak = rate(&s.result), launch.PeakOf(os.Getpid())
	if sealed != nil {
		s.result.Processes, s.result.LaunchUS = sealed.processes, sealed.launch.Microseconds()
	}
	if s.note == "" && s.result.Targets == 0 {
		s.note = "NOTHING ATTEMPTED: " + untried(s.result.Listed)
	}
	return ProfileDone{
		ID: s.result.ProfileID, Sealed: s.note == "", Seal: seal, Probes: s.result.Targets, Took: s.took, Note: s.note,
	}
}

// untried says why a sweep has no target.
func untried(listed int) string {
	if listed == 0 {
		return "no target is listed"
	}
	return fmt.Sprintf("none of the %s fits the pattern (match)", english.Count(listed, "listed target", "listed targets"))
}

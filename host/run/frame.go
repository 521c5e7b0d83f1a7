package run

import (
	"runtime"
	"time"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// frame is what all rows about one program have in common: the ids of the run, the
// digests of the plan and of the program, and what the enforcement point covers.
type frame struct {
	context      lane.Context
	uncovered    func(family string, q sbpl.Query) string // as [point.Point] has it
	sharedEngine bool
}

// of is the frame of the rows about a program.
func (f frame) of(pl *plugin) frame {
	f.context.PluginDigest = pl.digest()
	return f
}

// caseOf is a question with the run's part of its context.
func (f frame) caseOf(prof *plan.Profile, q evidence.Question) evidence.Case {
	return evidence.Case{
		Profile: prof, Question: q, Platform: platform(), Unjudged: f.uncovered(prof.Family, q.Query(0)),
		SharedEngine: f.sharedEngine,
		Context:      f.context,
	}
}

// platform is this system's name in a plugin's table.
func platform() wire.Platform {
	if runtime.GOOS == "darwin" {
		return wire.MacOS
	}
	return wire.Linux
}

// stamp puts the context of a batch on one of its witness rows.
func (f frame) stamp(b *batch, row *lane.WitnessRow) {
	c := f.context
	c.ProfileDigest, c.Family, c.ProfileID, c.SealMode = b.prof.Digest, b.prof.Family, b.prof.ID, b.prof.Seal
	c.Arm, c.Attempt = lane.After, 1
	c.Stage, c.Operation, c.Filter, c.Carrier, c.Path = row.Stage, row.Operation, row.Filter, row.Carrier, row.Path
	if row.Epoch > 0 && row.Slot >= 0 && row.Slot < len(b.items) {
		p := b.probes[b.of[row.Slot]]
		c.Arm, c.ProbeName, c.ExpectationID, c.Attempt = p.Arm, p.ID, evidence.ExpectationID(b.prof, p), b.items[row.Slot].Attempt
	}
	row.Context = c
}

// clock is the flight recorder's.
var clock = monotonic.New()

// observe is the part of a report that rows are made from.
func observe(rep *probing.Report) *evidence.Process {
	p := &evidence.Process{
		PID: rep.PID, Description: rep.Description, Prepared: rep.Prepared,
		Epoch: rep.Epoch, Witness: rep.Witness, WitnessSlack: rep.WitnessSlack,
		View:   evidence.View{OwnPIDs: rep.View.OwnPIDs, HostsProc: rep.View.HostsProc},
		Clock:  evidence.Clock{At: time.Now(), NS: clock.Now()},
		Failed: rep.Failed, Reason: rep.Reason, TimedOut: rep.TimedOut,
	}
	if rep.Err != nil {
		p.Err, p.Hint = text.OneLine(rep.Err.Error()), hint(rep.Err)
	}
	if rep.Exit != nil && !rep.Exit.Killed {
		p.Signal = int(rep.Exit.Signal)
	}
	for _, a := range rep.Attempts {
		p.Attempts = append(p.Attempts, evidence.Attempt(a))
	}
	return p
}

// answers gives the enforcement point's own answer about a batch's nth probe, nil
// when it was not asked.
type answers func(sealed *probing.Report, n int, q evidence.Question) *lane.OracleRow

// conclude decides a batch's questions, in their order, from its baseline and its
// sealed report, and hands each with all its rows to do.
func (f frame) conclude(
	b *batch, base *unsealedBatch, sealed *probing.Report, live answers, do func(*evidence.Evidence) error,
) error {
	p := observe(sealed)
	windows := evidence.BySlot(p.Witness, len(b.items))
	end := 0
	for i, q := range b.probes {
		begin := end
		for end < len(b.items) && b.of[end] == i {
			end++
		}
		c := f.caseOf(b.prof, q)
		c.Baseline = base.Rows[i]
		e := evidence.Conclude(c, p, p.Attempts[begin:end], windows[begin:end], live(sealed, i, q))
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

// Package probing takes one plugin process through the protocol, from launch to
// wait, and reports what happened without judging it:
//
//	launch -> handshake -> describe -> configure -> prepare -> seal -> run -> ask -> stop -> wait -> recorder read
//
// Each arrow has a deadline of its own. A process that fails at one of them is
// ended, and the Report says at which stage and why; the attempts it never
// reached are in it all the same, so that every planned attempt is accounted
// for exactly once.
package probing

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Host starts processes for a run.
type Host struct {
	Launcher *launch.Launcher
	TempDir  string // parent of the processes' private directories
	Version  string
	Point    point.Point // enforces the policies
	Deadlines
}

// Deadlines bound the arrows of the sequence; zero means the default, which is more
// than a virtual machine was seen to stand still. An attempt has the plan's.
type Deadlines struct {
	Start time.Duration // exec to handshake: 30 s
	Call  time.Duration // each call but Run: 30 s
	Stop  time.Duration // Stop, and the exit after it: 12 s
}

func (d Deadlines) orDefault() Deadlines {
	return Deadlines{
		Start: cmp.Or(d.Start, 30*time.Second),
		Call:  cmp.Or(d.Call, 30*time.Second),
		Stop:  cmp.Or(d.Stop, 12*time.Second),
	}
}

// Job is one process to run.
type Job struct {
	Name    string // for people: "sysctl, profile sysctl.strict"
	Family  string // what the plugin must say it is; "" for whatever it says
	Binary  *launch.Binary
	Options json.RawMessage
	Items   []wire.RunItem // slots are 0, 1, 2, ...
	Policy  *sbpl.Policy   // nil: the baseline, contained but with no policy
	Seal    Seal           // how the policy is put in force; None is self
	Wrap    []string       // under SealWrap: the command, with its variables
	Feed    *Feed          // in place of Items: batches of them, as long as there are any
	List    *List          // in place of Items: list targets, and attempt nothing
	Timeout time.Duration  // of one attempt
	Log     io.Writer      // the plugin's stderr

	// The policy in the words that the system compiles (macOS).
	SBPL   string
	Params map[string]string

	// Witness gets each row before the call it is about is answered; the
	// run context is still to be added. Nil in the baseline.
	Witness func(*lane.WitnessRow)
	// Trace is told what happens, nil for nobody.
	Trace *Trace
	// Ask lists the questions for the live enforcement point, one an item,
	// asked between Run and Stop. A nil slice asks nothing.
	Ask []sbpl.Query
}

// Feed has one process make as many attempts as there are, a batch at a time,
// so that neither its memory nor the host's grows with their number. Nothing is
// held from before sealing, and nothing is posted.
type Feed struct {
	Operation string // of every item
	Slots     int    // the most items of a batch
	// Next waits for a batch; false ends the process.
	Next func() (Batch, bool)
	// Done takes the Report of a batch that was completed. Its Witness has the
	// rows since the batch before; the run that failed is Run's own Report, also
	// when its batch was Unbegun.
	Done func(*Report)
}

// Batch is one Run of a Feed: its items and, one for each, the questions of
// Job.Ask.
type Batch struct {
	Items []wire.RunItem
	Ask   []sbpl.Query
}

// mode is how the job's policy is put in force.
func (j *Job) mode() point.Mode {
	if j.Policy == nil {
		return point.None
	}
	return cmp.Or(j.Seal, SealSelf)
}

// operation is the one that a Feed or a List is about, "" for other jobs.
func (j *Job) operation() string {
	switch {
	case j.Feed != nil:
		return j.Feed.Operation
	case j.List != nil:
		return j.List.Operation
	}
	return ""
}

// slots is how many the flight recorder needs.
func (j *Job) slots() int {
	n := max(1, len(j.Items))
	if j.Feed != nil {
		n = max(n, j.Feed.Slots)
	}
	return n
}

// List has the plugin list an operation's targets, unsealed.
type List struct {
	Operation string
	Each      func(target string) error // its error ends the listing; ErrEnough is none
}

// ErrEnough ends a List early.
var ErrEnough = errors.New("enough targets")

// Seal is how a policy is put in force.
type Seal = point.Mode

const (
	SealSelf = point.Self
	SealExec = point.Exec
	SealWrap = point.Wrap
)

// Report is what became of a Job.
type Report struct {
	Attempts    []Attempt // as Job.Items, always all of them
	Description *wire.Description
	Prepared    []wire.PreparedTarget
	Seal        *wire.SealReport
	Epoch       int // of the sealed policy, 0 when it never was
	Witness     []*lane.WitnessRow
	Dropped     int64 // witness rows not kept here; they went to Job.Witness all the same

	// WitnessSlack is above 0 where the witness is the unified log: incomplete,
	// and by a clock of its own. NoWitness says why it is silent altogether.
	WitnessSlack time.Duration
	NoWitness    string

	// Signature is the kernel's word about the process's code signature, nil
	// where the system has none or the process never answered.
	Signature *codesign.Signature

	Answers   []enforce.Answer
	View      launch.View // under SealWrap: what the process can see of the host
	Completed *wire.Completed
	PID       int
	Peak      int64        // bytes resident at most, of a Feed's or List's process while it lived; 0: not known
	Exit      *launch.Exit // nil when nothing was started
	Started   time.Time
	Ready     time.Duration // launch to the first answer
	Attempted time.Duration // from the order of the attempts to their last event
	Took      time.Duration

	// Violations is what the process did that no plugin should, in sentences: it did
	// not leave, left processes behind, flooded its log.
	Violations []string

	// Unbegun is that of a Feed's process that took a batch and ended before any
	// attempt of it was begun: another process can have it.
	Unbegun bool

	Failed   lane.Stage  // the stage that was not passed, "" when all were
	Reason   lane.Reason // for Failed: why the policy is not in force, or how the process ended
	Err      error
	TimedOut bool
}

// add takes in the facts that the enforcement has once the process is gone.
func (r *Report) add(end point.Ending) {
	for i, effect := range end.Effects {
		r.Attempts[i].Effect = effect
	}
	r.Violations = append(r.Violations, end.Violations...)
	if end.Log != (point.Log{}) {
		r.WitnessSlack, r.NoWitness = end.Log.Slack, end.Log.Silent
	}
	if end.Err != nil && r.Err == nil {
		r.Failed, r.Err = lane.StageCleanup, end.Err
	}
	if end.Unattended != nil {
		r.unattended(end.Unattended)
	}
}

// unattended takes back the results of the process: the fixtures were gone, since an
// unknown moment. No name that it missed was missing, and no post that did not
// arrive was lost, by any policy's doing.
func (r *Report) unattended(err error) {
	if r.Err != nil && r.Reason != lane.FixtureUnavailable {
		err = fmt.Errorf("%w; and the process: %v", err, r.Err)
	}
	r.Failed, r.Reason, r.Err = lane.StagePrepare, lane.FixtureUnavailable, err
}

// Attempt is one item with all that is known about it.
type Attempt struct {
	Item    wire.RunItem
	Intent  *wire.Intent
	Outcome *wire.Outcome // nil when the stream brought none
	Slot    recorder.Slot // what the flight recorder holds: the plugin's claim
	Stopped bool          // the process died or hung here

	// Effect is what was seen of the attempt from outside, "" when nobody
	// looked. It outweighs the plugin's word.
	Effect lane.Effect
}

package point

import (
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Request is one process that a session is wanted for.
type Request struct {
	Name   string // for people
	Mode   Mode
	Policy enforce.Policy // nil only under None
	SBPL   string         // the policy in the words that the system compiles
	Params map[string]string

	Items     []wire.RunItem // what the process will attempt, unless Batched
	Operation string         // of batches, or of targets to be listed
	Batched   bool           // items come later, a batch at a time

	Slots enforce.Slots
	// Emit gets each row before the call that it is about is answered. It is called
	// from several goroutines.
	Emit func(*lane.WitnessRow)
}

// Session is the enforcement of one process. Its methods are called in the order in
// which they stand here; Event and Ask as often as there is something to tell or to
// ask. After any of them the next may be End, and Close always comes last.
type Session interface {
	// Prepare adds to the launch what the enforcement needs: a filter, descriptors,
	// a profile, variables.
	Prepare(*launch.Spec)
	// Started tells of the process, nil when the launch failed. Under Exec the policy
	// has been put in force by then.
	Started(*launch.Process)
	// Described tells of the plugin's answer, after which the process runs the plugin
	// and no trampoline. It returns the system's word about the code signature, nil
	// where there is none.
	Described(*wire.Description) *codesign.Signature
	// Seal puts the policy in force and informs the plugin by tell, or the other way
	// round. The result has the facts known by then, also with an error.
	Seal(tell func(wire.SealRequest) (wire.SealReport, error)) (Sealed, error)
	// Epoch is the epoch of the policy, 0 while none is in force.
	Epoch() int
	// Event is called at each event of a run.
	Event()
	// Ask puts questions to the live enforcement point. Nil means that there is none.
	Ask([]sbpl.Query) []enforce.Answer
	// Batch is called after each batch. After an error the results of the batch do not
	// count.
	Batch() (Log, error)
	// End is called when the process is gone, with all its attempts.
	End([]Attempt) Ending
	// Close frees what End did not. It may be called without End, and twice.
	Close()
}

// Sealed is the result of a seal.
type Sealed struct {
	Report *wire.SealReport // the plugin's own view, nil when it gave none
	View   launch.View      // under Wrap: what the process can see of the host
}

// Log says what the witness is worth where it is read from a log.
type Log struct {
	Slack  time.Duration // how far a row's time may be from its call; 0: the witness is complete
	Silent string        // why there are no rows, "" when there could be
}

// Attempt is one attempt as an enforcement point needs to know it.
type Attempt struct {
	Item    wire.RunItem
	Outcome *wire.Outcome // nil when the stream brought none
	Slot    recorder.Slot
}

// Ending is what a session adds once its process is gone.
type Ending struct {
	Effects    []lane.Effect // of each attempt, "" when nothing looked; nil for none
	Violations []string      // what the process did that no plugin should, in sentences
	Log        Log
	Err        error // from ending the enforcement
	Unattended error // the fixtures were gone: the results of the process do not count
}

// Refused is a policy that could not be put in force.
type Refused struct {
	Reason lane.Reason
	Err    error
}

func (e *Refused) Error() string { return e.Err.Error() }
func (e *Refused) Unwrap() error { return e.Err }

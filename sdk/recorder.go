package sdk

import (
	"os"
	"path"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// Recorder is what a probe's Run writes to. It is bound to one planned attempt:
// a probe can't report for another. It is for one goroutine.
type Recorder struct {
	item    wire.RunItem
	scratch string
	region  *recorder.Region
	send    func(wire.Event) error
	outcome wire.Outcome
	lost    error // the stream broke
}

func newRecorder(item wire.RunItem, scratch string, region *recorder.Region, send func(wire.Event) error) *Recorder {
	return &Recorder{
		item: item, scratch: scratch, region: region, send: send,
		outcome: wire.Outcome{Slot: item.Slot, Effect: terms.EffectUnobservable},
	}
}

// Target is the plan's target: a name, or a symbol out of Probe.Targets.
func (r *Recorder) Target() string { return r.item.Target }

// Scratch is the one directory that may be written.
func (r *Recorder) Scratch() string { return r.scratch }

// Nonce is a text that no other attempt has, in no other process either. A
// notification carries it, so that the host can tell from outside which attempt
// a delivery is the effect of.
func (r *Recorder) Nonce() string { return wire.Nonce(os.Getenv(wire.EnvNonce), r.item.Slot) }

// Attempt makes the one call of a probe and records it. Everything that the
// call needs must be in place before: do should make the call, read its value
// and nothing else. What do returns is the result, and Attempt returns the same
// error, so that Run can decide which effect to look for. The errno is taken
// out of the error's chain; see [In] and [Native] for results that have none.
//
// Attempt panics when called twice: one plan item is one attempt.
func (r *Recorder) Attempt(c Call, do func() (value string, err error)) error {
	if r.outcome.Attempted {
		panic("BUG: probe " + r.item.Operation + " made a second attempt for one plan item")
	}
	r.note(wire.Intent{Slot: r.item.Slot, API: c.API, Carrier: c.Carrier, FilterValue: c.Filter})
	r.outcome.Attempted = true
	r.outcome.Carrier, r.outcome.FilterValue = c.Carrier, c.Filter
	r.outcome.Path = observation(c.Path)
	r.outcome.StartNS = r.region.Attempt(r.item.Slot, c.TargetPID)
	value, err := do()
	result := resultOf(c.API, value, err)
	r.outcome.EndNS = r.region.Done(r.item.Slot, recorded(result))
	r.outcome.Result = &result
	return err
}

func observation(p *Path) *wire.PathObservation {
	if p == nil {
		return nil
	}
	o := wire.PathObservation(*p)
	if o.Normalized == "" {
		o.Normalized = path.Clean(o.Requested)
	}
	return &o
}

// Effect reports whether what the call should have caused was seen. Without it
// the effect is unobservable. The last report counts.
func (r *Recorder) Effect(e Effect) {
	r.outcome.Effect = terms.Effect(e)
	r.region.SetEffect(r.item.Slot, recordedEffect[e])
}

var recordedEffect = map[Effect]recorder.Effect{
	EffectSeen:         recorder.EffectSeen,
	EffectAbsent:       recorder.EffectAbsent,
	EffectUnobservable: recorder.EffectUnobservable,
}

// Skip says why the attempt is not made. It has no meaning after Attempt.
func (r *Recorder) Skip(reason string) { r.outcome.SkipReason = reason }

// Observe notes a fact beside the outcome.
func (r *Recorder) Observe(name, value string) {
	r.note(wire.Observation{Slot: r.item.Slot, Name: name, Value: value})
}

func (r *Recorder) stage(s terms.Stage) { r.note(wire.StageEvent{Slot: r.item.Slot, Stage: s}) }

// note sends an event. A broken stream does not stop the probe, since the
// flight recorder still has it.
func (r *Recorder) note(e wire.Event) {
	if r.lost == nil {
		r.lost = r.send(e)
	}
}

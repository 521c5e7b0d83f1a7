package probing

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/wire"
)

// Trace is told what one process goes through, while it does. Nil functions are
// not called. Witness is called on the enforcement points' goroutines, and a
// function may be called beside another one.
type Trace struct {
	// Step is called when an arrow of the sequence was passed, or was not. The
	// report has what is known by then.
	Step func(name string, took time.Duration, err error, r *Report)
	// Event is one of the Run's stream.
	Event func(wire.Event)
	// Witness is a mediated call, before it is answered.
	Witness func(*lane.WitnessRow)
	// Hold stops the sequence between the seal and the first attempt, until it
	// returns. The process is as it will make the attempt.
	Hold func(ctx context.Context, pid int) error
	// Call is one message of the connection, as text.
	Call func(line string)
}

func (t *Trace) step(name string, began time.Time, err error, r *Report) {
	if t != nil && t.Step != nil {
		t.Step(name, time.Since(began), err, r)
	}
}

func (t *Trace) event(e wire.Event) {
	if t != nil && t.Event != nil {
		t.Event(e)
	}
}

func (t *Trace) witness(row *lane.WitnessRow) {
	if t != nil && t.Witness != nil {
		t.Witness(row)
	}
}

func (t *Trace) dialOptions() []grpc.DialOption {
	options := wire.DialOptions()
	if t != nil && t.Call != nil {
		options = append(options, wire.TraceMessages(t.Call)...)
	}
	return options
}

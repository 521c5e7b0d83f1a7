package wire

import (
	"strings"

	pb "github.com/hrhost/hrhost/internal/wire/probev1"
	"google.golang.org/protobuf/proto"
)

// DecodeEvent reads one event from its encoded form.
func DecodeEvent(b []byte) (Event, error) {
	if len(b) > MaxEvent {
		return nil, violation("an event of %d bytes, the limit is %d", len(b), MaxEvent)
	}
	var m pb.Event
	if err := proto.Unmarshal(b, &m); err != nil {
		return nil, violation("an event that does not decode: %v", err)
	}
	return eventFrom(&m)
}

// EncodeEvent is the inverse of DecodeEvent.
func EncodeEvent(e Event) ([]byte, error) { return proto.Marshal(eventMessage(e)) }

func eventMessage(e Event) *pb.Event {
	switch e := e.(type) {
	case Intent:
		return &pb.Event{Kind: &pb.Event_Intent{Intent: e.message()}}
	case StageEvent:
		m := &pb.StageEvent{Slot: unsigned32(e.Slot), Stage: stages.to(e.Stage)}
		return &pb.Event{Kind: &pb.Event_Stage{Stage: m}}
	case Outcome:
		return &pb.Event{Kind: &pb.Event_Outcome{Outcome: e.message()}}
	case Observation:
		m := &pb.Observation{Slot: unsigned32(e.Slot), Name: mend(e.Name), Value: mend(e.Value)}
		return &pb.Event{Kind: &pb.Event_Observation{Observation: m}}
	case Diagnostic:
		return &pb.Event{Kind: &pb.Event_Diagnostic{Diagnostic: e.message()}}
	case Completed:
		return &pb.Event{Kind: &pb.Event_Completed{Completed: e.message()}}
	}
	return &pb.Event{}
}

func eventFrom(m *pb.Event) (Event, error) {
	switch k := m.GetKind().(type) {
	case *pb.Event_Intent:
		return intentFrom(k.Intent), nil
	case *pb.Event_Stage:
		stage, err := stages.from(k.Stage.GetStage())
		return StageEvent{Slot: int(k.Stage.GetSlot()), Stage: stage}, err
	case *pb.Event_Outcome:
		return outcomeFrom(k.Outcome)
	case *pb.Event_Observation:
		o := k.Observation
		return Observation{Slot: int(o.GetSlot()), Name: short(o.GetName()), Value: short(o.GetValue())}, nil
	case *pb.Event_Diagnostic:
		return diagnosticFrom(k.Diagnostic)
	case *pb.Event_Completed:
		return completedFrom(k.Completed), nil
	}
	return nil, violation("an event of no known kind")
}

func (i Intent) message() *pb.Intent {
	return &pb.Intent{
		Slot:        unsigned32(i.Slot),
		Api:         mend(i.API),
		Carrier:     mend(i.Carrier),
		FilterValue: mend(i.FilterValue),
	}
}

func intentFrom(m *pb.Intent) Intent {
	return Intent{
		Slot:        int(m.GetSlot()),
		API:         short(m.GetApi()),
		Carrier:     short(m.GetCarrier()),
		FilterValue: short(m.GetFilterValue()),
	}
}

func (o Outcome) message() *pb.Outcome {
	return &pb.Outcome{
		Slot:        unsigned32(o.Slot),
		Attempted:   o.Attempted,
		SkipReason:  mend(o.SkipReason),
		Result:      o.Result.message(),
		Effect:      effects.to(o.Effect),
		Path:        o.Path.message(),
		Carrier:     mend(o.Carrier),
		FilterValue: mend(o.FilterValue),
		StartNs:     o.StartNS,
		EndNs:       o.EndNS,
	}
}

func outcomeFrom(m *pb.Outcome) (Event, error) {
	effect, err := effects.from(m.GetEffect())
	if err != nil {
		return nil, err
	}
	if m.GetAttempted() != (m.GetResult() != nil) {
		return nil, violation("an outcome of slot %d, attempted %t, whose result is there: %t",
			m.GetSlot(), m.GetAttempted(), m.GetResult() != nil)
	}
	return Outcome{
		Slot:        int(m.GetSlot()),
		Attempted:   m.GetAttempted(),
		SkipReason:  short(m.GetSkipReason()),
		Result:      resultFrom(m.GetResult()),
		Effect:      effect,
		Path:        pathFrom(m.GetPath()),
		Carrier:     short(m.GetCarrier()),
		FilterValue: short(m.GetFilterValue()),
		StartNS:     m.GetStartNs(),
		EndNS:       m.GetEndNs(),
	}, nil
}

func (r *Result) message() *pb.Result {
	if r == nil {
		return nil
	}
	value, truncated := Cut(r.Value)
	return &pb.Result{
		Api:       mend(r.API),
		Errno:     narrow(r.Errno),
		Native:    r.Native.message(),
		ExitCode:  narrow(r.ExitCode),
		Signal:    narrow(r.Signal),
		Value:     []byte(value),
		Truncated: r.Truncated || truncated,
		Error:     mend(r.Error),
	}
}

func resultFrom(m *pb.Result) *Result {
	if m == nil {
		return nil
	}
	value, truncated := Cut(string(m.GetValue()))
	return &Result{
		API:       short(m.GetApi()),
		Errno:     widen(m.Errno),
		Native:    nativeFrom(m.GetNative()),
		ExitCode:  widen(m.ExitCode),
		Signal:    widen(m.Signal),
		Value:     value,
		Truncated: m.GetTruncated() || truncated,
		Error:     short(m.GetError()),
	}
}

// Cut shortens a value to MaxValue bytes, and keeps nothing of the rest.
func Cut(value string) (cut string, truncated bool) {
	if len(value) <= MaxValue {
		return value, false
	}
	return strings.Clone(value[:MaxValue]), true
}

func (p *PathObservation) message() *pb.PathObservation {
	if p == nil {
		return nil
	}
	return &pb.PathObservation{
		Requested:  mend(p.Requested),
		Observed:   mend(p.Observed),
		Normalized: mend(p.Normalized),
	}
}

func pathFrom(m *pb.PathObservation) *PathObservation {
	if m == nil {
		return nil
	}
	return &PathObservation{
		Requested:  short(m.GetRequested()),
		Observed:   short(m.GetObserved()),
		Normalized: short(m.GetNormalized()),
	}
}

func (c Completed) message() *pb.Completed {
	return &pb.Completed{
		Planned:   unsigned32(c.Planned),
		Attempted: unsigned32(c.Attempted),
		Recorded:  unsigned32(c.Recorded),
	}
}

func completedFrom(m *pb.Completed) Completed {
	return Completed{
		Planned:   int(m.GetPlanned()),
		Attempted: int(m.GetAttempted()),
		Recorded:  int(m.GetRecorded()),
	}
}

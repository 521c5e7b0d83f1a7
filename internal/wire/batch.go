package wire

import (
	"time"

	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

// A batch is sent when it holds so many outcomes or bytes, or when its first is
// so old. The age keeps the host's watchdog fed: it is far below any time limit
// of an attempt.
const (
	batchOutcomes = 128
	batchBytes    = MaxEvent / 4
	batchAge      = 20 * time.Millisecond
)

// batch puts a Run's outcomes together. What an attempt says before its outcome
// is left out: the flight recorder has it.
type batch struct {
	send  func(*pb.Event) error
	held  []*pb.Outcome
	bytes int
	since time.Time // of the first outcome held
}

// add takes an event of the Run, in order.
func (b *batch) add(e Event) error {
	switch e := e.(type) {
	case Intent, StageEvent:
		return nil
	case Outcome:
		return b.outcome(e.message())
	}
	if err := b.flush(); err != nil {
		return err
	}
	return b.send(eventMessage(e))
}

func (b *batch) outcome(m *pb.Outcome) error {
	now := time.Now()
	if len(b.held) == 0 {
		b.since = now
	}
	b.held = append(b.held, m)
	b.bytes += m.SizeVT()
	if len(b.held) < batchOutcomes && b.bytes < batchBytes && now.Sub(b.since) < batchAge {
		return nil
	}
	return b.flush()
}

func (b *batch) flush() error {
	if len(b.held) == 0 {
		return nil
	}
	m := &pb.Event{Kind: &pb.Event_Outcomes{Outcomes: &pb.Outcomes{Outcomes: b.held}}}
	b.held, b.bytes = nil, 0
	return b.send(m)
}

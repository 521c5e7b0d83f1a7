package sdk

import (
	"context"
	"errors"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// Run makes the attempts one after the other. Each item gets exactly one
// outcome. Cancelling ends the Run between two items.
func (s *server) Run(ctx context.Context, items []wire.RunItem, send func(wire.Event) error) error {
	ctx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	for _, item := range items { // an earlier Run may have left something there
		s.region.Clear(item.Slot)
	}
	done := wire.Completed{Planned: len(items)}
	for _, item := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		outcome, err := s.runItem(item, send)
		if err != nil {
			return err
		}
		if outcome.Attempted {
			done.Attempted++
		}
		if s.region.Read(item.Slot).State == recorder.Done {
			done.Recorded++
		}
	}
	return send(done)
}

func (s *server) begin(ctx context.Context) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		return nil, errors.New("a Run is in progress")
	}
	ctx, s.cancel = context.WithCancel(ctx)
	return ctx, nil
}

func (s *server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel()
	s.cancel = nil
	if s.stopped {
		s.release() // there is nobody left to tell
	}
}

// runItem sends the item's outcome. Its error is a broken stream.
func (s *server) runItem(item wire.RunItem, send func(wire.Event) error) (wire.Outcome, error) {
	rec := newRecorder(item, s.scratch, s.region, send)
	if why := s.unable(item.Operation, item.Arm); why != "" {
		rec.Skip(why)
	} else {
		s.region.Begin(item.Slot)
		rec.stage(terms.StageAcquire)
		err := s.attempt(item)(rec)
		s.region.Leave()
		rec.conclude(err)
	}
	rec.note(rec.outcome)
	return rec.outcome, rec.lost
}

// conclude accounts for what Run returned.
func (r *Recorder) conclude(err error) {
	switch {
	case err != nil && r.outcome.Attempted:
		r.Observe("error", err.Error())
	case err != nil:
		r.outcome.SkipReason = err.Error()
	case !r.outcome.Attempted && r.outcome.SkipReason == "":
		r.outcome.SkipReason = "the probe returned without an attempt"
	}
}

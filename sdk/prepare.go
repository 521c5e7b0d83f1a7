package sdk

import (
	"context"
	"errors"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// Prepare acquires what is to be held while the policy is put in force. A target
// that cannot be acquired is reported and fails only its own attempts.
func (s *server) Prepare(_ context.Context, r wire.PrepareRequest) (wire.PrepareResponse, error) {
	if s.isSealed() {
		return wire.PrepareResponse{}, wire.ErrSealed
	}
	var answer wire.PrepareResponse
	for _, t := range r.Targets {
		why := s.unable(t.Operation, t.Arm)
		if why == "" && t.Arm != terms.After {
			why = s.acquire(t)
		}
		answer.Targets = append(answer.Targets, wire.PreparedTarget{
			PrepareTarget: t, Ready: why == "", Detail: why,
		})
	}
	return answer, nil
}

// acquire says why a handle could not be had, "" when it is held.
func (s *server) acquire(t wire.PrepareTarget) string {
	if s.held[t] != nil {
		return ""
	}
	held, err := s.probes[t.Operation].Handle.Acquire(t.Target)
	if err != nil {
		return err.Error()
	}
	s.held[t] = held
	return ""
}

// release lets go of everything that is held.
func (s *server) release() error {
	var all []error
	for t, held := range s.held {
		all = append(all, held.Close())
		delete(s.held, t)
	}
	return errors.Join(all...)
}

// attempt is the function that makes an item's attempt.
func (s *server) attempt(item wire.RunItem) func(*Recorder) error {
	p := s.probes[item.Operation]
	if item.Arm == terms.After {
		return p.Run
	}
	held := s.held[wire.PrepareTarget{Operation: item.Operation, Target: item.Target, Arm: item.Arm}]
	if held == nil {
		return func(rec *Recorder) error { rec.Skip("nothing was acquired before sealing"); return nil }
	}
	use := p.Handle.Use
	if item.Arm == terms.Again {
		if use = p.Handle.Again; use == nil {
			return p.Run
		}
	}
	return func(rec *Recorder) error { return use(rec, held) }
}

package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// server answers the host's calls from a Spec.
type server struct {
	spec    *Spec
	probes  map[string]*Probe
	scratch string
	region  *recorder.Region // of no slots when none was inherited

	held  map[wire.PrepareTarget]io.Closer // acquired before sealing
	ready func() error                     // spec.BeforeSeal, which runs once

	mu      sync.Mutex
	sealed  bool
	cancel  context.CancelFunc // of the Run in progress, nil when there is none
	stopped bool               // in a Run, at whose end nothing is held any more
}

func newServer(spec *Spec, scratch string, region *recorder.Region) *server {
	if region == nil {
		region = recorder.Detached()
	}
	s := &server{spec: spec, probes: map[string]*Probe{}, scratch: scratch, region: region, held: map[wire.PrepareTarget]io.Closer{}}
	s.ready = func() error { return nil }
	if spec.BeforeSeal != nil {
		s.ready = sync.OnceValue(spec.BeforeSeal)
	}
	for _, p := range spec.Probes {
		s.probes[p.Operation] = p
	}
	return s
}

func (s *server) Describe(context.Context, wire.DescribeRequest) (wire.Description, error) {
	d := describe(s.spec)
	if s.region.Slots() > 0 {
		d.Capabilities = append(d.Capabilities, wire.CapRecorder)
	}
	return d, nil
}

func (s *server) Configure(_ context.Context, options []byte) ([]wire.Diagnostic, error) {
	if s.isSealed() {
		return nil, wire.ErrSealed
	}
	if len(options) == 0 {
		return nil, nil
	}
	if s.spec.Configure == nil {
		return refused(errors.New("the plugin takes no options")), nil
	}
	if err := s.spec.Configure(options); err != nil {
		return refused(err), nil
	}
	return nil, nil
}

func refused(err error) []wire.Diagnostic {
	return []wire.Diagnostic{{Severity: wire.Error, Summary: "options refused", Detail: err.Error()}}
}

// unable says why an operation can't be attempted at all, "" when it can.
func (s *server) unable(operation string, arm terms.Arm) string {
	p := s.probes[operation]
	switch {
	case p == nil:
		return fmt.Sprintf("family %s has no probe for %q", s.spec.Family, operation)
	case !slices.Contains(p.Platforms, platform()):
		return fmt.Sprintf("unsupported on %s", platform())
	case arm != terms.After && p.Handle == nil:
		return fmt.Sprintf("%s has no handle that could be held", operation)
	}
	if err := s.ready(); err != nil {
		return err.Error()
	}
	return ""
}

func platform() Platform {
	if runtime.GOOS == "darwin" {
		return MacOS
	}
	return Platform(runtime.GOOS)
}

var seal = sealView // the tests watch it

func (s *server) Seal(_ context.Context, r wire.SealRequest) (wire.SealReport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return wire.SealReport{}, wire.ErrSealed
	}
	s.sealed = true
	s.ready() // its error is every attempt's, see unable
	return seal(r), nil
}

func (s *server) isSealed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sealed
}

func (s *server) Enumerate(_ context.Context, operation string, send func(wire.Target) error) error {
	p := s.probes[operation]
	if p == nil || p.Enumerate == nil {
		return fmt.Errorf("listing targets of %q: %w", operation, wire.ErrAbsent)
	}
	return p.Enumerate(func(target string) error {
		return send(wire.Target{Operation: operation, Value: target})
	})
}

func (s *server) Stop(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel()
		s.stopped = true // the Run still uses what is held
		return nil
	}
	return s.release()
}

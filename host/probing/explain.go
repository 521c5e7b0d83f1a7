package probing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
)

// explainStart says in our words why a start failed. go-plugin's are kept only
// where they add something.
func (c *connection) explainStart(ctx context.Context, err error) error {
	var le *launch.Error
	if errors.As(err, &le) {
		if r := applyReason(le); r != "" {
			return &point.Refused{Reason: r, Err: le}
		}
		return err
	}
	if c.process() == nil {
		return err
	}
	return &launch.Error{Name: c.name, Step: "handshake", Cause: c.handshakeFault(ctx, err)}
}

// handshakeFault reads the handshake line: CORE|VERSION|NETWORK|ADDRESS|PROTOCOL.
func (c *connection) handshakeFault(ctx context.Context, err error) error {
	f := strings.Split(c.runner.FirstLine(), "|")
	if len(f) < 4 || !isNumber(f[0]) {
		return errors.New(c.runner.Diagnose(ctx))
	}
	switch {
	case f[0] != "1":
		return fmt.Errorf("the plugin's handshake is version %q of go-plugin's, this host knows version 1; rebuild it with go-plugin v1", f[0])
	case f[1] != fmt.Sprint(wire.ProtocolMajor):
		return fmt.Errorf("the plugin speaks version %q of the probe protocol, this host speaks version %d", f[1], wire.ProtocolMajor)
	case len(f) < 5 || f[4] != "grpc":
		return errors.New("the plugin does not offer gRPC, which the probe protocol needs")
	case c.late.Load():
		return fmt.Errorf("the plugin shook hands and then accepted no connection within %s", c.limits.Call)
	}
	return err
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// explainCall says what a call that failed means: gRPC's own words for a dead
// peer differ from time to time and help nobody. The chain keeps them. A process that
// was ended for filling the disk is overfull.
func (c *connection) explainCall(stage lane.Stage, err error, overfull *wire.ProtocolError, timedOut bool) error {
	p := c.process()
	code := status.Code(err)
	for _, pe := range []*wire.ProtocolError{c.impostor.Load(), overfull} {
		if pe != nil {
			return pe
		}
	}
	var pe *wire.ProtocolError
	if p == nil || errors.As(err, &pe) || timedOut {
		return err
	}
	if code == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded) {
		return &said{fmt.Sprintf("at stage %s the plugin did not answer within %s", stage, c.limits.Call), err}
	}
	if code != codes.Unavailable {
		return err
	}
	select {
	case <-p.Done():
	case <-time.After(dyingTime):
		return &said{"the connection to the plugin broke while its process went on", err}
	}
	if e := p.Wait(); !e.Killed {
		text := fmt.Sprintf("the plugin process ended: %s", e)
		if last := p.LastLog(); last != "" {
			text += fmt.Sprintf("; on stderr: %q", last)
		}
		return &said{text, err}
	}
	return err
}

// dyingTime is how long a process that seems to be dying by itself is given, so
// that it can be said how it ended.
const dyingTime = 3 * time.Second

// said is an error in other words.
type said struct {
	text string
	err  error
}

func (e *said) Error() string { return e.text }
func (e *said) Unwrap() error { return e.err }

// applyReason sorts the trampoline's failures: an outer listener, an outer
// filter that refuses, a kernel that lacks the feature.
func applyReason(e *launch.Error) lane.Reason {
	if e.Step == "apply" && e.Apply != nil && e.Apply.Class == seatbelt.ClassAlreadySandboxed {
		return lane.ApplyAlreadySandboxed
	}
	if e.Step == "apply" {
		return lane.ApplyFailed
	}
	if e.Step != "seccomp" {
		return ""
	}
	switch {
	case errors.Is(e, syscall.EBUSY):
		return lane.ApplyListenerBusy
	case errors.Is(e, syscall.EPERM), errors.Is(e, syscall.EACCES):
		return lane.ApplyAlreadySandboxed
	case errors.Is(e, syscall.ENOSYS), errors.Is(e, syscall.EINVAL):
		return lane.ApplyUnsupported
	}
	return lane.ApplyFailed
}

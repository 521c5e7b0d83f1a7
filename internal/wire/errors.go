package wire

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hrhost/hrhost/internal/text"
)

// ErrTruncated is a Run whose stream ended without Completed.
var ErrTruncated = errors.New("the event stream ended without Completed")

// ErrSealed is Configure or Seal after Seal.
var ErrSealed = errors.New("the plugin is already sealed")

// ErrAbsent is a method that the plugin does not have: a capability absent, not
// a failure.
var ErrAbsent = errors.New("the plugin does not implement the method")

// ProtocolError is something the peer sent that the protocol does not allow.
type ProtocolError struct{ What string }

func (e *ProtocolError) Error() string { return "protocol violation: " + e.What }

func violation(format string, args ...any) error {
	return &ProtocolError{What: fmt.Sprintf(format, args...)}
}

// maxSaid is how much of an error's text is passed on, in bytes. It is the peer's,
// and stands in each row of a process that failed.
const maxSaid = 1 << 10

// brief is a peer's error with no more than maxSaid of its text.
type brief struct{ error }

func (b brief) Error() string { return text.Clip(b.error.Error(), maxSaid) }
func (b brief) Unwrap() error { return b.error }

// explain names the method and puts the codes with a meaning of their own into
// words. The gRPC status stays in the chain.
func explain(method string, err error) error {
	if err != nil {
		err = brief{err}
	}
	switch status.Code(err) {
	case codes.OK:
		return nil
	case codes.FailedPrecondition:
		return fmt.Errorf("calling %s: %w: %w", method, ErrSealed, err)
	case codes.Unimplemented:
		return fmt.Errorf("calling %s: %w: %w", method, ErrAbsent, err)
	case codes.ResourceExhausted:
		return fmt.Errorf("calling %s: %w: %w", method, violation("a message over the limit"), err)
	}
	return fmt.Errorf("calling %s: %w", method, err)
}

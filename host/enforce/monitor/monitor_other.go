//go:build !linux

package monitor

import (
	"os"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// Monitor exists on Linux only.
type Monitor struct{}

// New answers ErrUnsupported.
func New(Config) (*Monitor, error) { return nil, ErrUnsupported }

// Program answers ErrUnsupported.
func (*Monitor) Program(pid, handoff int) ([]byte, error) { return nil, ErrUnsupported }

// Listen answers ErrUnsupported.
func (*Monitor) Listen(listener *os.File, pid int) error { return ErrUnsupported }

// Seal answers ErrUnsupported.
func (*Monitor) Seal(Policy) (int, error) { return 0, ErrUnsupported }

// Ask knows nothing.
func (*Monitor) Ask(pid int, q sbpl.Query) Answer {
	return Answer{Prediction: "unknown", Detail: ErrUnsupported.Error()}
}

// Uncovered says that nothing is decided here.
func Uncovered(q sbpl.Query) string { return ErrUnsupported.Error() }

// Close answers ErrUnsupported.
func (*Monitor) Close() (Stats, error) { return Stats{}, ErrUnsupported }

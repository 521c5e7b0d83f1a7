//go:build darwin || linux

package darwin

import (
	"fmt"
	"os"
)

var (
	sandboxCheck    = system.symbol("sandbox_check")
	sandboxNoReport = system.symbol("SANDBOX_CHECK_NO_REPORT")
)

// Value is one variadic argument of sandbox_check.
type Value interface{ word(*frame) uintptr }

// Text is a C string argument: a path, a name.
type Text string

// Number is an int argument: a descriptor, a signal.
type Number int

func (t Text) word(f *frame) uintptr { return f.text(string(t)) }
func (n Number) word(*frame) uintptr { return uintptr(n) }

// Check asks by sandbox_check whether pid's sandbox denies an operation, without
// performing it and, by SANDBOX_CHECK_NO_REPORT, without a line in the log.
// filter is a number of package seatbelt's table; values are what that filter
// takes. An unknown operation or filter is a Failure with EINVAL.
// fact:check.result, fact:check.no-report, fact:check.dead-process
func Check(pid int, operation string, filter uint32, values ...Value) (denied bool, err error) {
	f := new(frame)
	defer f.Unpin()
	quiet, err := word32(sandboxNoReport)
	if err != nil {
		return false, fmt.Errorf("asking sandbox_check: %w", err)
	}
	return f.check(pid, f.text(operation), filter|quiet, values)
}

// Sandboxed reports whether pid has any sandbox: sandbox_check with no operation.
func Sandboxed(pid int) (bool, error) {
	f := new(frame)
	defer f.Unpin()
	return f.check(pid, 0, 0, nil)
}

// SelfSandboxed is Sandboxed of this process.
func SelfSandboxed() (bool, error) { return Sandboxed(os.Getpid()) }

func (f *frame) check(pid int, operation uintptr, filter uint32, values []Value) (bool, error) {
	tail := make([]uintptr, 0, len(values))
	for _, v := range values {
		tail = append(tail, v.word(f))
	}
	args := variadic([]uintptr{uintptr(pid), operation, uintptr(filter)}, tail)
	r, errno, err := f.call(sandboxCheck, args...)
	if err != nil {
		return false, fmt.Errorf("asking sandbox_check: %w", err)
	}
	switch n := asInt(r); n {
	case 0, 1:
		return n == 1, nil
	default:
		return false, &Failure{Call: sandboxCheck.name, RC: n, Errno: errno}
	}
}

//go:build darwin || linux

package darwin

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
)

var (
	sysctlByName    = system.symbol("sysctlbyname")
	sysctlNameToMIB = system.symbol("sysctlnametomib")
	sysctl          = system.symbol("sysctl")
)

// Sysctl reads a kernel parameter into value and returns its length, by one call
// of sysctlbyname. A value that does not fit is a Failure with ENOMEM.
func Sysctl(name string, value []byte) (int, error) {
	f := new(frame)
	defer f.Unpin()
	length := new(uintptr)
	*length = uintptr(len(value))
	r, errno, err := f.call(sysctlByName, f.text(name), f.bytes(value), pin(f, length), 0, 0)
	return sized(sysctlByName, name, r, errno, err, *length)
}

// SetSysctl writes a kernel parameter, by one call of sysctlbyname with a new
// value and no old one. Without a value the call would be a reading that
// succeeds: an empty one is refused.
func SetSysctl(name string, value []byte) error {
	if len(value) == 0 {
		return fmt.Errorf("parameter %q: there is no value to write", name)
	}
	f := new(frame)
	defer f.Unpin()
	r, errno, err := f.call(sysctlByName, f.text(name), 0, 0, f.bytes(value), uintptr(len(value)))
	_, err = sized(sysctlByName, name, r, errno, err, 0)
	return err
}

// MIB is a parameter's number, by sysctlnametomib.
func MIB(name string) ([]int32, error) {
	f := new(frame)
	defer f.Unpin()
	mib, length := new([maxMIB]int32), new(uintptr)
	*length = maxMIB
	r, errno, err := f.call(sysctlNameToMIB, f.text(name), pin(f, mib), pin(f, length))
	n, err := sized(sysctlNameToMIB, name, r, errno, err, *length)
	return mib[:min(n, maxMIB)], err
}

// maxMIB is CTL_MAXNAME.
const maxMIB = 12

// SysctlMIB reads the parameter with a number, by one call of sysctl.
func SysctlMIB(mib []int32, value []byte) (int, error) {
	f := new(frame)
	defer f.Unpin()
	number := new([maxMIB]int32)
	n, length := copy(number[:], mib), new(uintptr)
	*length = uintptr(len(value))
	r, errno, err := f.call(sysctl, pin(f, number), uintptr(n), f.bytes(value), pin(f, length), 0, 0)
	return sized(sysctl, fmt.Sprint(mib), r, errno, err, *length)
}

// The questions that a number beginning with 0 asks of the tree of parameters
// (xnu-11417.101.15 bsd/kern/kern_newsysctl.c, lines 896 and 1065). sysctl(8) lists
// all parameters by them.
const (
	sysctlNameOf = 1
	sysctlNext   = 2
)

// EachSysctl passes the name of every parameter to yield, in the order of the
// tree, and returns yield's error.
func EachSysctl(yield func(name string) error) error {
	at := []int32{1} // the first number there is
	for {
		next, err := sysctlAfter(at)
		if errors.Is(err, syscall.ENOENT) {
			return nil
		}
		if err != nil {
			return err
		}
		if at = next; len(at) == 0 || len(at) > maxMIB-2 {
			return fmt.Errorf("listing parameters: a number of %d parts", len(at))
		}
		name := make([]byte, 1024)
		n, err := SysctlMIB(append([]int32{0, sysctlNameOf}, at...), name)
		if err != nil {
			return err
		}
		if err := yield(string(bytes.TrimRight(name[:n], "\x00"))); err != nil {
			return err
		}
	}
}

// sysctlAfter is the number that follows another, ENOENT after the last.
func sysctlAfter(mib []int32) ([]int32, error) {
	next := make([]byte, 4*maxMIB)
	n, err := SysctlMIB(append([]int32{0, sysctlNext}, mib...), next)
	if err != nil {
		return nil, err
	}
	out := make([]int32, n/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(next[4*i:]))
	}
	return out, nil
}

// bytes is the address of a slice, null for an empty one.
func (f *frame) bytes(b []byte) uintptr {
	if len(b) == 0 {
		return 0
	}
	return pin(f, &b[0])
}

func sized(s *symbol, name string, r uintptr, errno syscall.Errno, err error, length uintptr) (int, error) {
	if err == nil && asInt(r) != 0 {
		err = &Failure{Call: s.name, RC: asInt(r), Errno: errno}
	}
	if err != nil {
		return 0, fmt.Errorf("parameter %q: %w", name, err)
	}
	return int(length), nil
}

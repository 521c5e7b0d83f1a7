//go:build darwin || linux

package darwin

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"unsafe"
)

var csops = system.symbol("csops")

// Operations of csops (XNU bsd/sys/codesign.h).
const (
	opStatus          = 0
	opEntitlements    = 7
	opDEREntitlements = 16
)

// Entitlements copies out a process's entitlements as a property list,
// DEREntitlements in the form that the kernel goes by. nil is none.
func Entitlements(pid int) ([]byte, error)    { return blob(pid, opEntitlements) }
func DEREntitlements(pid int) ([]byte, error) { return blob(pid, opDEREntitlements) }

// CodeSigningFlags is csops with CS_OPS_STATUS. fact:world.code-signing
func CodeSigningFlags(pid int) (uint32, error) {
	f := new(frame)
	defer f.Unpin()
	flags := new(uint32)
	if err := f.csops(pid, opStatus, pin(f, flags), unsafe.Sizeof(*flags)); err != nil {
		return 0, fmt.Errorf("asking for a signature: %w", err)
	}
	return *flags, nil
}

// Sizes of a blob: the header, which says the whole length, what is tried first,
// and more than any has.
const (
	blobHeader = 8
	usualBlob  = 16 << 10
	maxBlob    = 4 << 20
)

// blob is what csops copies out, with its header, nil when there is nothing of
// the kind. A buffer that is too short gets the header alone, and ERANGE.
// fact:world.entitlements
func blob(pid, op int) ([]byte, error) {
	buffer := make([]byte, usualBlob)
	err := copyBlob(pid, op, buffer)
	length := int(binary.BigEndian.Uint32(buffer[4:blobHeader]))
	if errors.Is(err, syscall.ERANGE) && length > len(buffer) && length <= maxBlob {
		buffer = make([]byte, length)
		err = copyBlob(pid, op, buffer)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("asking for a signature: %w", err)
	case length == 0: // a header of zeros, or nothing written at all
		return nil, nil
	case length < blobHeader || length > len(buffer):
		return nil, fmt.Errorf("asking for a signature: a blob of %d bytes in a buffer of %d", length, len(buffer))
	}
	return buffer[:length], nil
}

func copyBlob(pid, op int, buffer []byte) error {
	f := new(frame)
	defer f.Unpin()
	return f.csops(pid, op, f.bytes(buffer), uintptr(len(buffer)))
}

func (f *frame) csops(pid, op int, data, size uintptr) error {
	r, errno, err := f.call(csops, uintptr(pid), uintptr(op), data, size)
	if err == nil && asInt(r) != 0 {
		err = &Failure{Call: csops.name, RC: asInt(r), Errno: errno}
	}
	return err
}

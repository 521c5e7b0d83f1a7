//go:build !linux

package recorder

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// createFile makes a temporary file and unlinks it at once.
func createFile(slots int) (*os.File, error) {
	f, err := os.CreateTemp("", "hrhost-recorder-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	if err := fill(f, slots); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// preadMemory reads a file whose writer may truncate it: what is gone reads as
// zero. It holds a descriptor of its own, so the caller may close the file.
type preadMemory struct{ f *os.File }

func openReader(f *os.File, _ int) (memory, error) {
	dup, err := duplicate(f)
	if err != nil {
		return nil, err
	}
	return preadMemory{dup}, nil
}

func (m preadMemory) load32(off int) uint32 {
	b := [4]byte{0xff, 0xff, 0xff, 0xff}
	m.f.ReadAt(b[:], int64(off))
	return binary.LittleEndian.Uint32(b[:])
}

func (m preadMemory) copySlot(off int) (s [slotSize]byte) {
	m.f.ReadAt(s[:], int64(off))
	return s
}

func (m preadMemory) bytes() []byte { return nil }

func (m preadMemory) close() error { return m.f.Close() }

func duplicate(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

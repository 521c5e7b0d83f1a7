package recorder

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapping is memory mapped from the region's file.
type mapping struct {
	b        []byte
	writable bool
}

func mapFile(f *os.File, size, prot int) (memory, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, size, prot, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &mapping{b: b, writable: prot&unix.PROT_WRITE != 0}, nil
}

func openWriter(f *os.File, size int) (memory, error) {
	return mapFile(f, size, unix.PROT_READ|unix.PROT_WRITE)
}

func (m *mapping) load32(off int) uint32 { return load32(m.b, off) }

// copySlot reads each word once. The state is the first word and is written
// last, so it is loaded first: a slot that says done has its result in place.
func (m *mapping) copySlot(off int) (s [slotSize]byte) {
	for i := 0; i < slotSize; i += 8 {
		word := atomic.LoadUint64((*uint64)(unsafe.Pointer(&m.b[off+i])))
		binary.LittleEndian.PutUint64(s[i:], word)
	}
	return s
}

func (m *mapping) bytes() []byte {
	if !m.writable {
		return nil
	}
	return m.b
}

func (m *mapping) close() error {
	b := m.b
	m.b = nil
	return unix.Munmap(b)
}

// fill writes the header and sets the size of a fresh file.
func fill(f *os.File, slots int) error {
	if err := f.Truncate(int64(size(slots))); err != nil {
		return err
	}
	head := encodeHeader(slots)
	_, err := f.WriteAt(head[:], 0)
	return err
}

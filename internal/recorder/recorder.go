// Package recorder is the flight recorder: shared memory in which a plugin
// notes how far each planned attempt got, so that the host knows even after
// the process was killed.
//
// docs/recorder.md has the byte layout. The host calls [Create] and reads; the
// plugin calls [Open] on the inherited descriptor and writes. The memory
// belongs to an untrusted process: a reader never takes a size or an index from
// it, copies each slot once and checks the copy. Nothing in it can make a
// reader panic. Methods of one [Region] may be called by several goroutines,
// except Close, which must come last.
package recorder

import (
	"fmt"
	"os"

	"github.com/hrhost/hrhost/internal/monotonic"
)

// MaxSlots bounds a region at 8 MiB.
const MaxSlots = 1<<16 - 1

// Region is an open flight recorder.
type Region struct {
	mem   memory
	slots int
	clock monotonic.Clock
}

// memory is a region's bytes: a mapping or, for a reader outside Linux, a file
// read with pread. Offsets are the package's own and always in range.
type memory interface {
	load32(off int) uint32
	copySlot(off int) [slotSize]byte
	bytes() []byte // nil when not writable
	close() error
}

// Create makes a region of that many slots, all not_started. The file is for
// the plugin to inherit; the caller closes it once the plugin runs. The Region
// reads only: its writer methods do nothing.
func Create(slots int) (*os.File, *Region, error) {
	if slots < 1 || slots > MaxSlots {
		return nil, nil, fmt.Errorf("creating flight recorder: %d slots, want 1 to %d", slots, MaxSlots)
	}
	f, err := createFile(slots)
	if err != nil {
		return nil, nil, fmt.Errorf("creating flight recorder: %w", err)
	}
	mem, err := openReader(f, size(slots))
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("mapping flight recorder: %w", err)
	}
	return f, &Region{mem: mem, slots: slots}, nil
}

// Open maps an inherited region for writing. The file may be closed afterwards.
func Open(f *os.File) (*Region, error) {
	slots, err := slotsOf(f)
	if err != nil {
		return nil, fmt.Errorf("opening flight recorder: %w", err)
	}
	mem, err := openWriter(f, size(slots))
	if err != nil {
		return nil, fmt.Errorf("mapping flight recorder: %w", err)
	}
	return &Region{mem: mem, slots: slots, clock: monotonic.New()}, nil
}

// slotsOf checks the header against the file's real size.
func slotsOf(f *os.File) (int, error) {
	var head [headerSize]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return 0, fmt.Errorf("reading header: %w", err)
	}
	slots, err := decodeHeader(head)
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() != int64(size(slots)) {
		return 0, fmt.Errorf("%d slots need %d bytes, the file has %d", slots, size(slots), info.Size())
	}
	return slots, nil
}

// Slots is the number of slots, as created.
func (r *Region) Slots() int { return r.slots }

// Current is the slot that the plugin says it is working on, -1 for none. It
// costs one load and is safe beside a writer.
func (r *Region) Current() int {
	current := r.mem.load32(offCurrent)
	if uint64(current) >= uint64(r.slots) {
		return -1
	}
	return int(current)
}

// Read copies a slot. A slot outside the region, or one whose contents can't be
// what the writer writes, has Damage set and claims nothing else.
func (r *Region) Read(slot int) Slot {
	if slot < 0 || slot >= r.slots {
		return Slot{Damage: fmt.Sprintf("slot %d of %d", slot, r.slots)}
	}
	return decodeSlot(r.mem.copySlot(slotOffset(slot)))
}

// Close unmaps the region. It is an error to use the Region afterwards.
func (r *Region) Close() error { return r.mem.close() }

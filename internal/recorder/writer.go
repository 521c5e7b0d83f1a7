package recorder

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// Result is what Done writes.
type Result struct {
	Kind   Kind
	Errno  int
	Native int64
	Effect Effect
	Value  string // cut at MaxValue bytes
}

// Begin says that the attempt of a slot is being prepared. Like every writer
// method it does nothing on a slot outside the region.
func (r *Region) Begin(slot int) {
	b := r.slot(slot)
	if b == nil {
		return
	}
	clear(b[offState+4:])
	store32(r.mem.bytes(), offCurrent, uint32(slot))
	store32(b, offState, uint32(Acquiring))
}

// Clear makes a slot as it was created. A Run that comes after another starts so.
func (r *Region) Clear(slot int) {
	if b := r.slot(slot); b != nil && load32(b, offState) != uint32(NotStarted) {
		store32(b, offState, uint32(NotStarted))
		clear(b[offState+4:])
	}
}

// Attempt says that the call comes next. It makes no system call. The target
// is the process that the call is about, 0 for none.
func (r *Region) Attempt(slot, targetPID int) (start int64) {
	start = r.clock.Now()
	b := r.slot(slot)
	if b == nil {
		return start
	}
	binary.LittleEndian.PutUint32(b[offTarget:], uint32(targetPID))
	binary.LittleEndian.PutUint64(b[offStart:], uint64(start))
	store32(b, offState, uint32(Attempting))
	return start
}

// Done writes what the call returned and ends the slot's turn.
func (r *Region) Done(slot int, res Result) (end int64) {
	end = r.clock.Now()
	b := r.slot(slot)
	if b == nil {
		return end
	}
	binary.LittleEndian.PutUint64(b[offEnd:], uint64(end))
	binary.LittleEndian.PutUint32(b[offErrno:], uint32(res.Errno))
	binary.LittleEndian.PutUint64(b[offNative:], uint64(res.Native))
	b[offKind], b[offEffect] = byte(res.Kind), byte(res.Effect)
	n := copy(b[offValue:], res.Value)
	binary.LittleEndian.PutUint16(b[offLength:], uint16(n))
	store32(b, offState, uint32(Done))
	r.Leave()
	return end
}

// Leave says that no slot is being worked on.
func (r *Region) Leave() {
	if b := r.mem.bytes(); b != nil {
		store32(b, offCurrent, none)
	}
}

// SetEffect notes an effect that was seen, or missed, after Done.
func (r *Region) SetEffect(slot int, e Effect) {
	if b := r.slot(slot); b != nil {
		b[offEffect] = byte(e)
	}
}

// Now is the region's clock in nanoseconds (see package monotonic). It makes no
// system call.
func (r *Region) Now() int64 { return r.clock.Now() }

// slot is the slot's memory, nil when it isn't there or isn't writable.
func (r *Region) slot(slot int) []byte {
	b := r.mem.bytes()
	if b == nil || slot < 0 || slot >= r.slots {
		return nil
	}
	off := slotOffset(slot)
	return b[off : off+slotSize : off+slotSize]
}

// Offsets of 32-bit fields are multiples of 4 in a page-aligned mapping.
func store32(b []byte, off int, v uint32) {
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&b[off])), v)
}

func load32(b []byte, off int) uint32 {
	return atomic.LoadUint32((*uint32)(unsafe.Pointer(&b[off])))
}

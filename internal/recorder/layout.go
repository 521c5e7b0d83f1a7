package recorder

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The layout of docs/recorder.md.
const (
	magic         = "HRFLIGHT"
	layoutVersion = 1
	headerSize    = 128
	slotSize      = 128
	none          = 0xffffffff

	offVersion  = 8
	offSlotSize = 12
	offSlots    = 16
	offCurrent  = 20

	offState  = 0
	offErrno  = 4
	offNative = 8
	offStart  = 16
	offEnd    = 24
	offTarget = 32
	offKind   = 36
	offEffect = 37
	offLength = 38
	offValue  = 40

	// What no call returns, and no reader with doubles could read.
	maxErrno  = 4095
	maxNative = 1<<53 - 1

	// MaxValue is how many bytes of a value fit in a slot.
	MaxValue = slotSize - offValue
)

// State is how far an attempt got.
type State uint32

const (
	NotStarted State = iota
	Acquiring
	Attempting
	Done
)

// String gives the lanes' word for the state.
func (s State) String() string { return word(int(s), "not_started", "acquiring", "attempting", "done") }

// Kind says which field of a slot holds the result.
type Kind uint8

const (
	KindNone    Kind = iota // the call did not return
	KindErrno               // Errno, 0 on success
	KindNative              // Native
	KindUncoded             // an error without a code
)

// String names the kind.
func (k Kind) String() string { return word(int(k), "none", "errno", "native", "uncoded") }

// Effect is whether what the call should have caused was seen.
type Effect uint8

const (
	EffectUnset Effect = iota
	EffectSeen
	EffectAbsent
	EffectUnobservable
)

// String gives the lanes' word for the effect, "" when unset.
func (e Effect) String() string { return word(int(e), "", "seen", "absent", "unobservable") }

func word(n int, words ...string) string {
	if n < 0 || n >= len(words) {
		return fmt.Sprintf("invalid(%d)", n)
	}
	return words[n]
}

// Slot is a checked copy of one slot: what the plugin claims about an attempt.
type Slot struct {
	State     State
	Errno     int // 0 on success; meaningful for KindErrno
	Native    int64
	Start     int64 // nanoseconds of the kernel clock of package monotonic, 0 until attempted
	End       int64 // nanoseconds of the kernel clock of package monotonic, 0 until done
	TargetPID int   // the process that the call was about, 0 for none
	Kind      Kind
	Effect    Effect
	Value     string // prefix of what was read, valid UTF-8
	Damage    string // why the contents can't be believed, "" when they can
}

// size is the whole region in bytes.
func size(slots int) int { return headerSize + slots*slotSize }

func slotOffset(slot int) int { return headerSize + slot*slotSize }

func encodeHeader(slots int) [headerSize]byte {
	var b [headerSize]byte
	copy(b[:], magic)
	binary.LittleEndian.PutUint32(b[offVersion:], layoutVersion)
	binary.LittleEndian.PutUint32(b[offSlotSize:], slotSize)
	binary.LittleEndian.PutUint32(b[offSlots:], uint32(slots))
	binary.LittleEndian.PutUint32(b[offCurrent:], none)
	return b
}

func decodeHeader(b [headerSize]byte) (slots int, err error) {
	if !bytes.Equal(b[:len(magic)], []byte(magic)) {
		return 0, fmt.Errorf("magic is %q, want %q", b[:len(magic)], magic)
	}
	if v := binary.LittleEndian.Uint32(b[offVersion:]); v != layoutVersion {
		return 0, fmt.Errorf("layout version is %d, want %d", v, layoutVersion)
	}
	if n := binary.LittleEndian.Uint32(b[offSlotSize:]); n != slotSize {
		return 0, fmt.Errorf("slot size is %d, want %d", n, slotSize)
	}
	n := binary.LittleEndian.Uint32(b[offSlots:])
	if n < 1 || n > MaxSlots {
		return 0, fmt.Errorf("%d slots, want 1 to %d", n, MaxSlots)
	}
	return int(n), nil
}

func decodeSlot(b [slotSize]byte) Slot {
	s := Slot{
		State:     State(binary.LittleEndian.Uint32(b[offState:])),
		Errno:     int(int32(binary.LittleEndian.Uint32(b[offErrno:]))),
		Native:    int64(binary.LittleEndian.Uint64(b[offNative:])),
		Start:     int64(binary.LittleEndian.Uint64(b[offStart:])),
		End:       int64(binary.LittleEndian.Uint64(b[offEnd:])),
		TargetPID: int(int32(binary.LittleEndian.Uint32(b[offTarget:]))),
		Kind:      Kind(b[offKind]),
		Effect:    Effect(b[offEffect]),
	}
	length := int(binary.LittleEndian.Uint16(b[offLength:]))
	if damage := s.check(length); damage != "" {
		return Slot{Damage: damage}
	}
	s.Value = strings.ToValidUTF8(string(b[offValue:offValue+length]), string(utf8.RuneError))
	return s
}

// check says what in a slot the writer could not have written, "" when nothing.
func (s Slot) check(length int) string {
	switch {
	case s.State > Done:
		return fmt.Sprintf("state %d", s.State)
	case s.Kind > KindUncoded:
		return fmt.Sprintf("result kind %d", s.Kind)
	case s.Effect > EffectUnobservable:
		return fmt.Sprintf("effect %d", s.Effect)
	case length > MaxValue:
		return fmt.Sprintf("value of %d bytes in %d", length, MaxValue)
	case s.Errno < 0 || s.Errno > maxErrno:
		return fmt.Sprintf("errno %d", s.Errno)
	case s.Native < -maxNative || s.Native > maxNative:
		return fmt.Sprintf("native code %d", s.Native)
	case s.TargetPID < 0:
		return fmt.Sprintf("target process %d", s.TargetPID)
	case s.Start < 0 || s.State == Done && s.End < s.Start:
		return fmt.Sprintf("window from %d to %d", s.Start, s.End)
	}
	return ""
}

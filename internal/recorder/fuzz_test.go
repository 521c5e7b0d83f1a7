package recorder

import (
	"os"
	"testing"
	"unicode/utf8"
)

// FuzzSlot reads slots that a plugin filled with anything.
func FuzzSlot(f *testing.F) {
	f.Add(make([]byte, slotSize))
	f.Add([]byte{3, 0, 0, 0, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		var b [slotSize]byte
		copy(b[:], data)
		s := decodeSlot(b)
		if s.Damage != "" {
			if s != (Slot{Damage: s.Damage}) {
				t.Errorf("a damaged slot claims something: %+v", s)
			}
			return
		}
		if s.State > Done || s.Errno < 0 || s.TargetPID < 0 || !utf8.ValidString(s.Value) {
			t.Errorf("believed %+v", s)
		}
	})
}

// FuzzHeader opens files that are no flight recorder.
func FuzzHeader(f *testing.F) {
	head := encodeHeader(2)
	f.Add(head[:], 384)
	f.Add(head[:], 128)
	f.Add([]byte("HRFLIGHT"), 8)
	f.Fuzz(func(t *testing.T, head []byte, length int) {
		if length < 0 || length > 1<<20 {
			return
		}
		file, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteAt(head, 0); err != nil {
			t.Fatal(err)
		}
		if err := file.Truncate(int64(length)); err != nil {
			t.Fatal(err)
		}
		r, err := Open(file)
		if err != nil {
			return
		}
		defer r.Close()
		if r.Slots() < 1 || size(r.Slots()) != length {
			t.Errorf("opened %d slots in %d bytes", r.Slots(), length)
		}
		r.Begin(r.Slots() - 1)
	})
}

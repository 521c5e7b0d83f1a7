package release

import (
	"bytes"
	"debug/macho"
	"errors"
	"fmt"

	"github.com/hrhost/hrhost/internal/codesign"
)

// check makes sure of what a Mac wants of a program before it runs it.
func check(t Target, program []byte) error {
	if t.OS != "darwin" {
		return nil
	}
	_, err := codesign.Check(program)
	if t.Arch == "amd64" && errors.Is(err, codesign.ErrUnsigned) {
		err = nil // Go's linker signs none; Intel Macs run it
	}
	if err != nil {
		return err
	}
	return identified(program)
}

// checked says what check looked at.
func checked(t Target) string {
	switch t {
	case Target{"darwin", "arm64"}:
		return "each with a UUID and a right ad hoc signature"
	case Target{"darwin", "amd64"}:
		return "each with a UUID, unsigned"
	}
	return "unsigned"
}

const loadUUID = 0x1b // LC_UUID

// identified makes sure of a UUID: dyld of macOS 26 ends a program without one.
// Go's linker makes it of its build id, so -ldflags=-buildid= would lose it.
func identified(program []byte) error {
	f, err := macho.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("reading the Mach-O file: %w", err)
	}
	for _, l := range f.Loads {
		if raw := l.Raw(); len(raw) >= 4 && f.ByteOrder.Uint32(raw) == loadUUID {
			return nil
		}
	}
	return errors.New("no LC_UUID: macOS 26 would not start it")
}

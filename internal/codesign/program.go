package codesign

import (
	"bytes"
	"crypto/sha256"
	"debug/macho"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrUnsigned is the answer for a program without a signature. Intel Macs run
// such a program.
var ErrUnsigned = errors.New("no code signature")

// Embedded is the signature in a program's file that was found right.
type Embedded struct {
	Identifier string // "a.out", from Go's linker
	Flags      Flags
	PageSize   int    // bytes
	Pages      int    // how many, all compared
	CDHash     string // hex, what codesign -dvvv prints as CDHash
}

// Check reads a program and checks its signature: it is there, it is ad hoc, it
// covers every byte before itself, and every page has its hash. The error names
// the first thing that is wrong; it is [ErrUnsigned] when there is no signature.
//
// A signature lies at the end of a thin 64-bit Mach-O file, where the load command
// LC_CODE_SIGNATURE says. It is a SuperBlob, an index of blobs; the blob in slot 0 is
// the CodeDirectory, which holds one SHA-256 for each page of all that comes before
// the signature. Layouts: XNU osfmk/kern/cs_blobs.h and Go cmd/internal/codesign.
func Check(program []byte) (*Embedded, error) {
	at, err := locate(program)
	if err != nil {
		return nil, err
	}
	dir, err := codeDirectory(program[at.offset : at.offset+at.size])
	if err != nil {
		return nil, fmt.Errorf("reading the code signature: %w", err)
	}
	if dir.flags&AdHoc == 0 {
		return nil, fmt.Errorf("the code signature is not ad hoc: flags %#x", uint32(dir.flags))
	}
	if dir.limit != at.offset {
		return nil, fmt.Errorf("the code signature covers %d bytes and begins at %d", dir.limit, at.offset)
	}
	if err := dir.comparePages(program[:dir.limit]); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(dir.blob)
	return &Embedded{Identifier: dir.identifier, Flags: dir.flags, PageSize: dir.pageSize,
		Pages: len(dir.hashes) / sha256.Size, CDHash: hex.EncodeToString(sum[:20])}, nil
}

// place is where a signature lies in its file; it is within it.
type place struct{ offset, size int }

const loadCodeSignature = 0x1d // LC_CODE_SIGNATURE: cmd, cmdsize, dataoff, datasize

// locate finds the signature by its load command.
func locate(program []byte) (place, error) {
	f, err := macho.NewFile(bytes.NewReader(program))
	if err != nil {
		return place{}, fmt.Errorf("reading the Mach-O file: %w", err)
	}
	if f.Magic != macho.Magic64 {
		return place{}, errors.New("reading the Mach-O file: not a 64-bit one")
	}
	found := []place{}
	for _, l := range f.Loads {
		raw := l.Raw()
		if len(raw) < 16 || f.ByteOrder.Uint32(raw) != loadCodeSignature {
			continue
		}
		found = append(found, place{int(f.ByteOrder.Uint32(raw[8:])), int(f.ByteOrder.Uint32(raw[12:]))})
	}
	switch {
	case len(found) == 0:
		return place{}, ErrUnsigned
	case len(found) > 1:
		return place{}, fmt.Errorf("%d code signatures", len(found))
	}
	at := found[0]
	if end := at.offset + at.size; end != len(program) {
		return place{}, fmt.Errorf("the code signature ends at %d, the file at %d", end, len(program))
	}
	return at, nil
}

// comparePages hashes the code page by page.
func (d *directory) comparePages(code []byte) error {
	pages := (len(code) + d.pageSize - 1) / d.pageSize
	if have := len(d.hashes) / sha256.Size; have != pages {
		return fmt.Errorf("the code signature has %d page hashes, the code %d pages", have, pages)
	}
	for i := range pages {
		page := code[i*d.pageSize : min((i+1)*d.pageSize, len(code))]
		if sum := sha256.Sum256(page); !bytes.Equal(sum[:], d.hashes[i*sha256.Size:(i+1)*sha256.Size]) {
			return fmt.Errorf("page %d, at %#x, is not what was signed", i, i*d.pageSize)
		}
	}
	return nil
}

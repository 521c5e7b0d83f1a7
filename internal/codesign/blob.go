package codesign

import (
	"encoding/binary"
	"fmt"
)

// Magic numbers of blobs. Source: XNU osfmk/kern/cs_blobs.h.
const (
	magicSuperBlob     = 0xfade0cc0 // CSMAGIC_EMBEDDED_SIGNATURE
	magicCodeDirectory = 0xfade0c02 // CSMAGIC_CODEDIRECTORY
	magicXML           = 0xfade7171 // CSMAGIC_EMBEDDED_ENTITLEMENTS
	magicDER           = 0xfade7172 // CSMAGIC_EMBEDDED_DER_ENTITLEMENTS
)

// headerSize is the size in bytes of what every blob begins with: its magic number
// and its whole length. Source: the same header, CS_GenericBlob.
const headerSize = 8

// readBlob cuts b to the length that its blob says, and returns that with the magic
// number. A blob is at least min bytes long, and min at least a header.
func readBlob(b []byte, min int) (blob []byte, magic uint32, err error) {
	if len(b) < min {
		return nil, 0, fmt.Errorf("cut off after %d bytes, fewer than a header", len(b))
	}
	n := word(b, 4)
	if uint64(n) < uint64(min) || uint64(n) > uint64(len(b)) {
		return nil, 0, fmt.Errorf("length %d in %d bytes", n, len(b))
	}
	return b[:n], word(b, 0), nil
}

// word is the number of four bytes at an offset. All of a blob is big-endian.
func word(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

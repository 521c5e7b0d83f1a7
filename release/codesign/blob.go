package codesign

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Magic numbers, and the slot that we look for.
const (
	magicSuperBlob     = 0xfade0cc0 // CSMAGIC_EMBEDDED_SIGNATURE
	magicCodeDirectory = 0xfade0c02
	slotCodeDirectory  = 0
)

// Sizes in bytes: of a SuperBlob's header and of one entry of its index, and of
// a CodeDirectory's header in its oldest form, which later ones only add to.
const (
	superHeader     = 12
	superEntry      = 8
	directoryHeader = 44
)

// hashSHA256 is CS_HASHTYPE_SHA256.
const hashSHA256 = 2

// directory is a CodeDirectory as far as it matters here.
type directory struct {
	blob       []byte // all of it: its own hash is the program's identity
	flags      uint32
	limit      int // how many bytes of the file are covered
	pageSize   int
	identifier string
	hashes     []byte // one SHA-256 after the other
}

// codeDirectory finds the CodeDirectory of a SuperBlob and reads it.
func codeDirectory(super []byte) (*directory, error) {
	super, err := blob(super, magicSuperBlob, superHeader)
	if err != nil {
		return nil, fmt.Errorf("super blob: %w", err)
	}
	count := uint64(word(super, 8))
	if superHeader+count*superEntry > uint64(len(super)) {
		return nil, fmt.Errorf("super blob: %d entries do not fit in %d bytes", count, len(super))
	}
	for i := range int(count) {
		entry := super[superHeader+i*superEntry:]
		if word(entry, 0) != slotCodeDirectory {
			continue
		}
		at := uint64(word(entry, 4))
		if at > uint64(len(super)) {
			return nil, fmt.Errorf("code directory: at %d of %d bytes", at, len(super))
		}
		return readDirectory(super[at:])
	}
	return nil, errors.New("no code directory")
}

func readDirectory(b []byte) (*directory, error) {
	b, err := blob(b, magicCodeDirectory, directoryHeader)
	if err != nil {
		return nil, fmt.Errorf("code directory: %w", err)
	}
	d := &directory{blob: b, flags: word(b, 12), limit: int(word(b, 32))}
	if size, kind := b[36], b[37]; size != sha256.Size || kind != hashSHA256 {
		return nil, fmt.Errorf("code directory: hash type %d of %d bytes, not SHA-256", kind, size)
	}
	shift := b[39]
	if shift < 12 || shift > 16 { // 4 KiB to 64 KiB
		return nil, fmt.Errorf("code directory: pages of 2^%d bytes", shift)
	}
	d.pageSize = 1 << shift
	at, size := uint64(word(b, 16)), uint64(word(b, 28))*sha256.Size
	if at+size > uint64(len(b)) {
		return nil, fmt.Errorf("code directory: %d bytes of hashes at %d of %d", size, at, len(b))
	}
	d.hashes = b[at : at+size]
	d.identifier, err = text(b, word(b, 20))
	return d, err
}

// blob cuts a blob to its own length, after checking its magic number.
func blob(b []byte, magic uint32, header int) ([]byte, error) {
	if len(b) < header {
		return nil, fmt.Errorf("cut off after %d bytes", len(b))
	}
	if got := word(b, 0); got != magic {
		return nil, fmt.Errorf("magic number %#x, not %#x", got, magic)
	}
	if n := uint64(word(b, 4)); n < uint64(header) || n > uint64(len(b)) {
		return nil, fmt.Errorf("length %d in %d bytes", n, len(b))
	}
	return b[:word(b, 4)], nil
}

// text is the text at an offset, up to its zero byte.
func text(b []byte, at uint32) (string, error) {
	if uint64(at) >= uint64(len(b)) {
		return "", fmt.Errorf("code directory: identifier at %d of %d bytes", at, len(b))
	}
	s, _, ended := bytes.Cut(b[at:], []byte{0})
	if !ended {
		return "", errors.New("code directory: the identifier has no end")
	}
	return string(s), nil
}

func word(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

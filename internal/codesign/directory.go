package codesign

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
)

const slotCodeDirectory = 0 // CSSLOT_CODEDIRECTORY

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
	flags      Flags
	limit      int // how many bytes of the file are covered
	pageSize   int
	identifier string
	hashes     []byte // one SHA-256 after the other
}

// codeDirectory finds the CodeDirectory of a SuperBlob and reads it.
func codeDirectory(super []byte) (*directory, error) {
	super, err := blobOf(super, magicSuperBlob, superHeader)
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
	b, err := blobOf(b, magicCodeDirectory, directoryHeader)
	if err != nil {
		return nil, fmt.Errorf("code directory: %w", err)
	}
	d := &directory{blob: b, flags: Flags(word(b, 12)), limit: int(word(b, 32))}
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

// blobOf is readBlob for a blob of one kind.
func blobOf(b []byte, kind uint32, min int) ([]byte, error) {
	b, magic, err := readBlob(b, min)
	if err == nil && magic != kind {
		err = fmt.Errorf("magic number %#x, not %#x", magic, kind)
	}
	return b, err
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

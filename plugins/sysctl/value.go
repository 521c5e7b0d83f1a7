package sysctl

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// shown is a parameter's value as text. macOS tells values as bytes: a string
// with a final NUL, a little-endian integer of four or eight bytes, or a struct,
// which is shown in hex.
func shown(b []byte) string {
	text := string(bytes.TrimSuffix(b, []byte{0}))
	switch {
	case len(b) > 0 && b[len(b)-1] == 0 && printable(text):
		return text
	case len(b) == 4:
		return strconv.FormatInt(int64(int32(binary.LittleEndian.Uint32(b))), 10)
	case len(b) == 8:
		return strconv.FormatInt(int64(binary.LittleEndian.Uint64(b)), 10)
	}
	return hex.EncodeToString(b)
}

func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

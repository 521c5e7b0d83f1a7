package codesign

import "strings"

// Flags are the flags of a code signature: as a CodeDirectory has them, and as csops
// answers CS_OPS_STATUS, where the kernel has added its own.
type Flags uint32

const (
	valid        Flags = 0x1        // CS_VALID
	AdHoc        Flags = 0x2        // CS_ADHOC: no signer is named
	LinkerSigned Flags = 0x20000    // CS_LINKER_SIGNED
	debugged     Flags = 0x10000000 // CS_DEBUGGED
)

// flagNames are those that bear on a sandbox. Source: XNU osfmk/kern/cs_blobs.h.
var flagNames = []struct {
	bit  Flags
	name string
}{
	{valid, "valid"}, {AdHoc, "adhoc"}, {0x800, "restrict"}, {0x2000, "library_validation"}, {0x10000, "hardened_runtime"},
	{LinkerSigned, "linker_signed"}, {0x4000000, "platform_binary"}, {0x8000000, "platform_path"}, {debugged, "debugged"}, {0x20000000, "signed"},
}

// String names the flags that bear on a sandbox.
func (f Flags) String() string {
	var on []string
	for _, n := range flagNames {
		if f&n.bit != 0 {
			on = append(on, n.name)
		}
	}
	if on == nil {
		return "none"
	}
	return strings.Join(on, ", ")
}

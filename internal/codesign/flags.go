package codesign

import "strings"

// Flags is what csops says with CS_OPS_STATUS.
type Flags uint32

const (
	valid    = 0x1
	debugged = 0x10000000
)

// flagNames are those that bear on a sandbox. Source: XNU osfmk/kern/cs_blobs.h.
var flagNames = []struct {
	bit  Flags
	name string
}{
	{valid, "valid"}, {0x2, "adhoc"}, {0x800, "restrict"}, {0x2000, "library_validation"}, {0x10000, "hardened_runtime"},
	{0x20000, "linker_signed"}, {0x4000000, "platform_binary"}, {0x8000000, "platform_path"}, {debugged, "debugged"}, {0x20000000, "signed"},
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

package world

import (
	"encoding/hex"
	"strings"
)

// marketing are the names of macOS releases by major version, the one thing in
// the id that no call tells.
var marketing = map[string]string{
	"11": "bigsur", "12": "monterey", "13": "ventura", "14": "sonoma", "15": "sequoia", "26": "tahoe",
}

// macID is a Mac's id: sonoma-14.4.1-23E224-arm64-dyldcache-2c0602c5. The last
// part is the first 8 digits of the shared cache's UUID, or unknown.
func macID(release, build, machine string, cache *[16]byte) string {
	major, _, _ := strings.Cut(release, ".")
	name := marketing[major]
	if name == "" {
		name = "macos"
	}
	last := "unknown"
	if cache != nil {
		last = hex.EncodeToString(cache[:4])
	}
	return strings.Join([]string{name, slug(release), slug(build), slug(machine), "dyldcache", last}, "-")
}

// sipText is what csr_get_active_config means: which protections are off.
func sipText(bits uint32) string {
	if bits == 0 {
		return "enabled"
	}
	var off []string
	for i, name := range sipBits {
		if bits&(1<<i) != 0 {
			off = append(off, name)
			bits &^= 1 << i
		}
	}
	if bits != 0 {
		off = append(off, "others")
	}
	return "off: " + strings.Join(off, ", ")
}

// sipBits are the CSR_ALLOW_ flags of XNU bsd/sys/csr.h, by bit.
var sipBits = []string{
	"untrusted_kexts", "unrestricted_fs", "task_for_pid", "kernel_debugger", "apple_internal", "unrestricted_dtrace",
	"unrestricted_nvram", "device_configuration", "any_recovery_os", "unapproved_kexts", "executable_policy_override",
	"unauthenticated_root",
}

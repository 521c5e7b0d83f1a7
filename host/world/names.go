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

// signingText is what a process's code-signing flags mean, as far as they bear
// on a sandbox (XNU osfmk/kern/cs_blobs.h).
func signingText(flags uint32) string {
	var on []string
	for _, f := range []struct {
		bit  uint32
		name string
	}{
		{0x1, "valid"}, {0x2, "adhoc"}, {0x800, "restrict"}, {0x2000, "library_validation"}, {0x10000, "hardened_runtime"},
		{0x20000, "linker_signed"}, {0x4000000, "platform_binary"}, {0x8000000, "platform_path"}, {0x10000000, "debugged"}, {0x20000000, "signed"},
	} {
		if flags&f.bit != 0 {
			on = append(on, f.name)
		}
	}
	if on == nil {
		return "none"
	}
	return strings.Join(on, ", ")
}

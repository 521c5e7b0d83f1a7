//go:build linux && amd64

package monitor

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// TestForeignCalls runs the filter over calls of other tables: every one must
// reach the monitor or get ENOSYS, whatever its number is in the native table.
func TestForeignCalls(t *testing.T) {
	raw, err := program(4242)
	if err != nil {
		t.Fatal(err)
	}
	var prog []bpf.Instruction
	for _, r := range raw {
		prog = append(prog, r.Disassemble())
	}
	vm, err := bpf.NewVM(prog)
	if err != nil {
		t.Fatal(err)
	}
	enosys := int(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS))
	for _, c := range []struct {
		name     string
		arch, nr uint32
		want     int
	}{
		{"native getpid", nativeArch, unix.SYS_GETPID, pass},
		{"native openat", nativeArch, unix.SYS_OPENAT, notify},
		{"i386 getpid", unix.AUDIT_ARCH_I386, 20, notify},
		{"i386 number of a native call that passes", unix.AUDIT_ARCH_I386, unix.SYS_GETPID, notify},
		{"arm64", unix.AUDIT_ARCH_AARCH64, unix.SYS_GETPID, notify},
		{"x32 getpid", nativeArch, x32Bit | unix.SYS_GETPID, notify},
		{"newer than the table", nativeArch, lastKnown + 1, enosys},
		{"io_uring, which the monitor refuses", nativeArch, unix.SYS_IO_URING_SETUP, notify},
	} {
		// struct seccomp_data; the VM reads it in network order.
		data := make([]byte, 64)
		binary.BigEndian.PutUint32(data[offNr:], c.nr)
		binary.BigEndian.PutUint32(data[offArch:], c.arch)
		got, err := vm.Run(data)
		if err != nil || uint32(got) != uint32(c.want) {
			t.Errorf("%s: %#x, want %#x (%v)", c.name, got, c.want, err)
		}
	}
}

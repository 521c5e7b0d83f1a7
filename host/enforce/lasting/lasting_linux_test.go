package lasting

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// TestFilter runs each machine's program in a virtual machine, which reads
// packets in network byte order.
func TestFilter(t *testing.T) {
	refused, allowed := unix.SECCOMP_RET_ERRNO|int(unix.EACCES), unix.SECCOMP_RET_ALLOW
	for name, m := range machines {
		vm, err := bpf.NewVM(m.program())
		if err != nil {
			t.Fatal(err)
		}
		ask := func(what string, arch, number uint32, want int) {
			t.Helper()
			data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, number), arch)
			if got, err := vm.Run(append(data, make([]byte, 56)...)); err != nil || got != want {
				t.Errorf("%s, %s: %#x, %v; want %#x", name, what, got, err, want)
			}
		}
		for _, c := range Calls {
			ask(c.Name, m.arch, c.Number, refused)
			ask(c.Name+" of another table", unix.AUDIT_ARCH_I386, c.Number, refused)
		}
		ask("getpid", m.arch, unix.SYS_GETPID, allowed)
		ask("the i386 table", unix.AUDIT_ARCH_I386, 20, refused)
		if m.second != 0 {
			ask("the second table", m.arch, m.second|unix.SYS_GETPID, refused)
		}
	}
}

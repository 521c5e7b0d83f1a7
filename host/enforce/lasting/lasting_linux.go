package lasting

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Errno is the answer in every lane. A baseline row with it is marked as
// contained, like one that Landlock refused.
const Errno = unix.EACCES

// Call is one system call by its number on this machine.
type Call struct {
	Number uint32
	Name   string
}

// Calls are all calls that make, find, use or remove such an object.
var Calls = []Call{
	{unix.SYS_SHMGET, "shmget"}, {unix.SYS_SHMAT, "shmat"}, {unix.SYS_SHMDT, "shmdt"}, {unix.SYS_SHMCTL, "shmctl"},
	{unix.SYS_SEMGET, "semget"}, {unix.SYS_SEMOP, "semop"},
	{unix.SYS_SEMTIMEDOP, "semtimedop"}, {unix.SYS_SEMCTL, "semctl"},
	{unix.SYS_MSGGET, "msgget"}, {unix.SYS_MSGSND, "msgsnd"}, {unix.SYS_MSGRCV, "msgrcv"}, {unix.SYS_MSGCTL, "msgctl"},
	{unix.SYS_MQ_OPEN, "mq_open"}, {unix.SYS_MQ_UNLINK, "mq_unlink"}, {unix.SYS_MQ_TIMEDSEND, "mq_timedsend"},
	{unix.SYS_MQ_TIMEDRECEIVE, "mq_timedreceive"}, {unix.SYS_MQ_NOTIFY, "mq_notify"},
	{unix.SYS_MQ_GETSETATTR, "mq_getsetattr"},
	{unix.SYS_ADD_KEY, "add_key"}, {unix.SYS_REQUEST_KEY, "request_key"}, {unix.SYS_KEYCTL, "keyctl"},
}

// machine is what a filter must know of the processor: the value of
// seccomp_data.arch, and a bit of the call's number that selects a second table
// of calls (__X32_SYSCALL_BIT), 0 where there is none.
type machine struct{ arch, second uint32 }

var machines = map[string]machine{
	"amd64": {unix.AUDIT_ARCH_X86_64, 0x40000000},
	"arm64": {unix.AUDIT_ARCH_AARCH64, 0},
}

// Filter is a seccomp program, in host byte order, that refuses the calls and
// needs no listener. Another table of calls (i386, x32) is refused as a whole:
// the same calls have other numbers there.
func Filter() ([]byte, error) {
	m, known := machines[runtime.GOARCH]
	if !known {
		return nil, fmt.Errorf("no filter for %s; want amd64 or arm64", runtime.GOARCH)
	}
	raw, err := bpf.Assemble(m.program())
	if err != nil {
		return nil, fmt.Errorf("assembling the filter: %w", err)
	}
	size := unsafe.Sizeof(raw[0]) // laid out as struct sock_filter
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(&raw[0])), uintptr(len(raw))*size)...), nil
}

// The first fields of struct seccomp_data.
const (
	offNumber = 0
	offArch   = 4
)

func (m machine) program() []bpf.Instruction {
	refuse := bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(Errno)}
	p := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: m.arch, SkipTrue: 1}, refuse,
		bpf.LoadAbsolute{Off: offNumber, Size: 4},
	}
	if m.second != 0 {
		p = append(p, bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: m.second, SkipTrue: 1}, refuse)
	}
	for _, c := range Calls {
		p = append(p, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: c.Number, SkipTrue: 1}, refuse)
	}
	return append(p, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
}

// Available returns nil when this process may install filters. An outer filter
// that hides seccomp(2) answers this question with an error too.
func Available() error {
	action := uint32(unix.SECCOMP_RET_ERRNO)
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	if e != 0 {
		return fmt.Errorf("asking seccomp(2) for an action: %w", e)
	}
	return nil
}

//go:build linux

package monitor

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// entry is one system call that the filter sends to the monitor.
type entry struct {
	nr   uint32
	name string
	// when narrows the filter to some arguments: instructions that return
	// notify or pass on every path. nil notifies always.
	when func(pid int) []bpf.Instruction
	do   func(*call) reply
}

const (
	notify = unix.SECCOMP_RET_USER_NOTIF
	pass   = unix.SECCOMP_RET_ALLOW
)

// The fields of struct seccomp_data; only the low halves of arguments are
// compared, as the calls in question take ints.
const (
	offNr   = 0
	offArch = 4
	offArgs = 16
)

func load(off uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: off, Size: 4} }
func loadArg(i int) bpf.Instruction   { return load(uint32(offArgs + 8*i)) }
func answer(v uint32) bpf.Instruction { return bpf.RetConstant{Val: v} }
func noSys() bpf.Instruction          { return answer(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)) }
func skipUnless(v uint32) bpf.Instruction {
	return bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: v, SkipTrue: 1}
}

// whenArg notifies when argument i is one of the values, and else passes.
func whenArg(i int, values ...uint32) func(int) []bpf.Instruction {
	return func(int) []bpf.Instruction {
		l := []bpf.Instruction{loadArg(i)}
		for _, v := range values {
			l = append(l, skipUnless(v), answer(notify))
		}
		return append(l, answer(pass))
	}
}

// unlessArg passes when argument i is one of the values, and else notifies.
func unlessArg(i int, values ...uint32) func(int) []bpf.Instruction {
	return func(int) []bpf.Instruction {
		l := []bpf.Instruction{loadArg(i)}
		for _, v := range values {
			l = append(l, skipUnless(v), answer(pass))
		}
		return append(l, answer(notify))
	}
}

// whenBits notifies when argument i has one of the bits.
func whenBits(i int, bits uint32) func(int) []bpf.Instruction {
	return func(int) []bpf.Instruction {
		return []bpf.Instruction{
			loadArg(i),
			bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: bits, SkipTrue: 1}, answer(notify),
			answer(pass),
		}
	}
}

// whenOther passes when argument i is 0 or the plugin's own pid.
func whenOther(i int) func(int) []bpf.Instruction {
	return func(pid int) []bpf.Instruction { return unlessArg(i, 0, uint32(pid))(pid) }
}

// whenNotPreempting passes tgkill of the plugin's own pid with SIGURG: the Go
// runtime preempts its threads with it, thousands of times.
func whenNotPreempting(pid int) []bpf.Instruction {
	return []bpf.Instruction{
		loadArg(0),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(pid), SkipTrue: 3},
		loadArg(2),
		skipUnless(uint32(unix.SIGURG)), answer(pass),
		answer(notify),
	}
}

// whenPidClock notifies for clock ids that hold a pid other than 0.
func whenPidClock(int) []bpf.Instruction {
	return []bpf.Instruction{
		loadArg(0),
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: 1 << 31, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: 0xfffffff8, SkipTrue: 1},
		answer(notify),
		answer(pass),
	}
}

// Program is the filter for the plugin's process, as an array of struct
// sock_filter in host byte order. The trampoline installs it on itself with
// NEW_LISTENER and WAIT_KILLABLE_RECV, and hands the listener over through the
// descriptor handoff. sendmsg is refused with MSG_FASTOPEN only, so the handoff
// passes with any number.
func (m *Monitor) Program(pid, handoff int) ([]byte, error) {
	p, err := program(pid)
	if err != nil {
		return nil, err
	}
	size := unsafe.Sizeof(p[0])
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(&p[0])), uintptr(len(p))*size)...), nil
}

func program(pid int) ([]bpf.RawInstruction, error) {
	if pid <= 1 {
		return nil, errors.New("monitor: a filter needs the plugin's pid")
	}
	p := []bpf.Instruction{
		load(offArch),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: nativeArch, SkipTrue: 1}, answer(notify),
		load(offNr),
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: x32Bit, SkipTrue: 1}, answer(notify),
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: lastKnown, SkipTrue: 1}, noSys(),
	}
	for _, nr := range absent {
		p = append(p, skipUnless(nr), noSys())
	}
	for i := range table {
		e := &table[i]
		if e.when == nil {
			p = append(p, skipUnless(e.nr), answer(notify))
			continue
		}
		body := e.when(pid)
		if len(body) > 255 {
			return nil, fmt.Errorf("monitor: the condition of %s is too long for a jump", e.name)
		}
		p = append(p, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: e.nr, SkipTrue: uint8(len(body))})
		p = append(p, body...)
	}
	p = append(p, answer(pass))
	return bpf.Assemble(p)
}

// lookup finds a call's entry; nil when the filter should not have sent it.
func lookup(nr int32) *entry {
	if nr < 0 || int(nr) >= len(byNumber) {
		return nil
	}
	return byNumber[nr]
}

var byNumber = func() []*entry {
	var l [512]*entry
	for i := range table {
		l[table[i].nr] = &table[i]
	}
	return l[:]
}()

// whenDevice notifies unless argument i makes a fifo, a socket or a plain file.
func whenDevice(i int) func(int) []bpf.Instruction {
	return func(int) []bpf.Instruction {
		return []bpf.Instruction{
			loadArg(i),
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: unix.S_IFMT},
			skipUnless(0), answer(pass),
			skipUnless(unix.S_IFREG), answer(pass),
			skipUnless(unix.S_IFIFO), answer(pass),
			skipUnless(unix.S_IFSOCK), answer(pass),
			answer(notify),
		}
	}
}

// whenPrctl notifies for what would hide the plugin from the monitor or from
// its reaper. Asking for SIGKILL at the parent's death changes nothing.
func whenPrctl(int) []bpf.Instruction {
	l := []bpf.Instruction{loadArg(0)}
	for _, op := range []uint32{unix.PR_SET_SECCOMP, unix.PR_SET_DUMPABLE, unix.PR_SET_PTRACER, unix.PR_SET_MM} {
		l = append(l, skipUnless(op), answer(notify))
	}
	return append(l,
		skipUnless(unix.PR_SET_PDEATHSIG), bpf.Jump{Skip: 1}, answer(pass),
		loadArg(1), skipUnless(uint32(unix.SIGKILL)), answer(pass), answer(notify),
	)
}

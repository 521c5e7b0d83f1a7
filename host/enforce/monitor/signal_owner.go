//go:build linux

package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Signals that the kernel sends later, to whom a descriptor's owner is.

// setownCall judges fcntl(F_SETOWN) as sending SIGIO or whatever F_SETSIG said:
// the number is not known. F_SETOWN_EX has its target in memory, which the
// kernel reads again: only refused or answered here.
func setownCall(c *call) reply {
	switch c.int(1) {
	case unix.F_SETOWN:
		return c.setOwner(c.int(2), true)
	case unix.F_SETOWN_EX:
		var b [8]byte
		if e := readMemory(c.tid, c.arg(2), b[:]); e != 0 {
			return fail(unix.EFAULT)
		}
		kind, pid := binary.NativeEndian.Uint32(b[:]), int(int32(binary.NativeEndian.Uint32(b[4:])))
		if kind == ownerPgrp {
			pid = -pid
		}
		return c.setOwner(pid, false)
	}
	return contain(unix.EPERM, "an unexpected fcntl")
}

// fiosetownCall is FIOSETOWN and SIOCSPGRP, whose target is in memory too.
func fiosetownCall(c *call) reply {
	if req := c.int(1); req == ioctlTIOCSTI || req == ioctlTIOCLINUX {
		return contain(unix.EPERM, "typing into a terminal")
	}
	var b [4]byte
	if e := readMemory(c.tid, c.arg(2), b[:]); e != 0 {
		return fail(unix.EFAULT)
	}
	return c.setOwner(int(int32(binary.NativeEndian.Uint32(b[:]))), false)
}

const (
	ioctlFIOSETOWN = 0x8901
	ioctlSIOCSPGRP = 0x8902
	ioctlTIOCSTI   = 0x5412
	ioctlTIOCLINUX = 0x541c
	ownerPgrp      = 2 // F_OWNER_PGRP
)

const whyInMemory = "an owner named in memory, which can change: use fcntl(F_SETOWN)"

func (c *call) setOwner(pid int, scalar bool) reply {
	const anySignal = -1
	if !c.waits() {
		return gone()
	}
	switch {
	case pid == 0 && scalar: // no owner any more
		return proceed()
	case pid == 0: // nobody, to whom no signal goes: the policy has no part in it
		return contain(unix.EPERM, whyInMemory)
	}
	var members []peer
	if pid > 0 {
		members = []peer{c.m.peerOf(c.pid, pid)}
	} else if pid < 0 {
		var e unix.Errno
		if members, e = c.members(pid); e != 0 {
			return fail(e)
		}
	}
	if len(members) == 0 {
		members = []peer{{procStat: procStat{pid: pid}, relations: []string{"others"}}}
	}
	for i := range members {
		c.rows = nil
		if r, ok := c.judge(signalSubject(&members[i], anySignal)); !ok {
			return r
		}
	}
	if !scalar {
		return contain(unix.EPERM, whyInMemory)
	}
	return proceed()
}

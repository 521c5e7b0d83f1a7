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
func setownCall(c *call) {
	switch c.int(1) {
	case unix.F_SETOWN:
		c.setOwner(c.int(2), true)
	case unix.F_SETOWN_EX:
		var b [8]byte
		if e := readMemory(c.tid, c.arg(2), b[:]); e != 0 {
			c.fail(unix.EFAULT)
			return
		}
		kind, pid := binary.NativeEndian.Uint32(b[:]), int(int32(binary.NativeEndian.Uint32(b[4:])))
		if kind == ownerPgrp {
			pid = -pid
		}
		c.setOwner(pid, false)
	default:
		c.contain(unix.EPERM, "an unexpected fcntl")
	}
}

// fiosetownCall is FIOSETOWN and SIOCSPGRP, whose target is in memory too.
func fiosetownCall(c *call) {
	if req := c.int(1); req == ioctlTIOCSTI || req == ioctlTIOCLINUX {
		c.contain(unix.EPERM, "typing into a terminal")
		return
	}
	var b [4]byte
	if e := readMemory(c.tid, c.arg(2), b[:]); e != 0 {
		c.fail(unix.EFAULT)
		return
	}
	c.setOwner(int(int32(binary.NativeEndian.Uint32(b[:]))), false)
}

const (
	ioctlFIOSETOWN = 0x8901
	ioctlSIOCSPGRP = 0x8902
	ioctlTIOCSTI   = 0x5412
	ioctlTIOCLINUX = 0x541c
	ownerPgrp      = 2 // F_OWNER_PGRP
)

const whyInMemory = "an owner named in memory, which can change: use fcntl(F_SETOWN)"

func (c *call) setOwner(pid int, scalar bool) {
	const anySignal = -1
	if !c.valid() {
		return
	}
	switch {
	case pid == 0 && scalar: // no owner any more
		c.proceed()
		return
	case pid == 0: // nobody, to whom no signal goes: the policy has no part in it
		c.contain(unix.EPERM, whyInMemory)
		return
	}
	var members []peer
	if pid > 0 {
		members = []peer{c.m.peerOf(c.pid, pid)}
	} else if pid < 0 {
		var e unix.Errno
		if members, e = c.members(pid); e != 0 {
			c.fail(e)
			return
		}
	}
	if len(members) == 0 {
		members = []peer{{procStat: procStat{pid: pid}, relations: []string{"others"}}}
	}
	for i := range members {
		c.rows = nil
		if !c.judge(signalSubject(&members[i], anySignal)) {
			c.deny()
			return
		}
	}
	if !scalar {
		c.contain(unix.EPERM, whyInMemory)
		return
	}
	c.proceed()
}

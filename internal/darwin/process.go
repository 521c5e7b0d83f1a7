//go:build darwin || linux

package darwin

import (
	"fmt"
	"syscall"
	"unsafe"
)

var (
	procPIDInfo   = system.symbol("proc_pidinfo")
	procPIDFDInfo = system.symbol("proc_pidfdinfo")
	procPIDPath   = system.symbol("proc_pidpath")
	procPIDRusage = system.symbol("proc_pid_rusage")
	procListPIDs  = system.symbol("proc_listpids")
)

// Flavours of proc_pidinfo and its kin (XNU bsd/sys/proc_info.h).
const (
	flavorBSDInfo      = 3
	flavorShortBSDInfo = 13
	flavorUniqueInfo   = 17
	flavorFDPipeInfo   = 6
	flavorRusageV0     = 0
	listAllPIDs        = 1
	listGroup          = 2
	listChildren       = 6
)

// BSDInfo is struct proc_bsdinfo. Other users' processes answer EPERM without
// any sandbox. fact:proc.other-user
type BSDInfo struct {
	Flags, Status, XStatus, PID, PPID           uint32
	UID, GID, RealUID, RealGID, SavedUID, SaveG uint32
	_                                           uint32
	Comm                                        [16]byte
	Name                                        [32]byte
	Files, PGID, JobControl, TTYDevice, TTYPGID uint32
	Nice                                        int32
	StartSeconds, StartMicroseconds             uint64
}

// ShortBSDInfo is struct proc_bsdshortinfo, told about other users' processes
// too.
type ShortBSDInfo struct {
	PID, PPID, PGID, Status                            uint32
	Comm                                               [16]byte
	Flags, UID, GID, RealUID, RealGID, SavedUID, SaveG uint32
	_                                                  uint32
}

// UniqueInfo is struct proc_uniqidentifierinfo.
type UniqueInfo struct {
	UUID                [16]byte
	UniqueID, ParentUID uint64
	Version, _          int32
	_, _                uint64
}

// A size that differs from the header's does not compile.
var (
	_ = [1]int{}[unsafe.Sizeof(BSDInfo{})-136]
	_ = [1]int{}[unsafe.Sizeof(ShortBSDInfo{})-64]
	_ = [1]int{}[unsafe.Sizeof(UniqueInfo{})-56]
	_ = [1]int{}[unsafe.Sizeof(sandboxProfile{})-24]
	_ = [1]int{}[unsafe.Offsetof(BSDInfo{}.Comm)-48]
	_ = [1]int{}[unsafe.Offsetof(BSDInfo{}.StartSeconds)-120]
	_ = [1]int{}[unsafe.Offsetof(ShortBSDInfo{}.UID)-36]
	_ = [1]int{}[unsafe.Offsetof(UniqueInfo{}.Version)-32]
)

// ProcessInfo is proc_pidinfo with PROC_PIDTBSDINFO.
func ProcessInfo(pid int) (*BSDInfo, error) { return pidInfo[BSDInfo](pid, flavorBSDInfo) }

// ShortProcessInfo is proc_pidinfo with PROC_PIDT_SHORTBSDINFO.
func ShortProcessInfo(pid int) (*ShortBSDInfo, error) {
	return pidInfo[ShortBSDInfo](pid, flavorShortBSDInfo)
}

// UniqueProcessInfo is proc_pidinfo with PROC_PIDUNIQIDENTIFIERINFO.
func UniqueProcessInfo(pid int) (*UniqueInfo, error) {
	return pidInfo[UniqueInfo](pid, flavorUniqueInfo)
}

// pidInfo calls proc_pidinfo, which returns the bytes it wrote and 0 on error.
func pidInfo[T any](pid, flavor int) (*T, error) {
	f := new(frame)
	defer f.Unpin()
	info := new(T)
	size := unsafe.Sizeof(*info)
	r, errno, err := f.call(procPIDInfo, uintptr(pid), uintptr(flavor), 0, pin(f, info), size)
	n, err := counted(procPIDInfo, pid, r, errno, err)
	if err == nil && n != int(size) {
		err = fmt.Errorf("proc_pidinfo about process %d: %d of %d bytes", pid, n, size)
	}
	return info, err
}

// PipeInfo asks about a process's descriptor, which should be a pipe, by
// proc_pidfdinfo with PROC_PIDFDPIPEINFO, and returns the bytes told. The
// permission comes before the look at the descriptor. fact:proc.permission-first
func PipeInfo(pid, fd int) (int, error) {
	f := new(frame)
	defer f.Unpin()
	info := new([512]byte) // struct pipe_fdinfo has 184
	r, errno, err := f.call(procPIDFDInfo, uintptr(pid), uintptr(fd), flavorFDPipeInfo, pin(f, info), unsafe.Sizeof(*info))
	return counted(procPIDFDInfo, pid, r, errno, err)
}

// ProcessPath is proc_pidpath.
func ProcessPath(pid int) (string, error) {
	f := new(frame)
	defer f.Unpin()
	path := new([4096]byte) // PROC_PIDPATHINFO_MAXSIZE
	r, errno, err := f.call(procPIDPath, uintptr(pid), pin(f, path), unsafe.Sizeof(*path))
	n, err := counted(procPIDPath, pid, r, errno, err)
	return string(path[:min(n, len(path))]), err
}

// Rusage is proc_pid_rusage with RUSAGE_INFO_V0: the process's user and system
// time in mach units.
func Rusage(pid int) (user, system uint64, err error) {
	f := new(frame)
	defer f.Unpin()
	usage := new([12]uint64) // a UUID, then user and system time
	r, errno, err := f.call(procPIDRusage, uintptr(pid), flavorRusageV0, pin(f, usage))
	if err == nil && asInt(r) != 0 {
		err = &Failure{Call: procPIDRusage.name, RC: asInt(r), Errno: errno}
	}
	if err != nil {
		return 0, 0, fmt.Errorf("resources of process %d: %w", pid, err)
	}
	return usage[2], usage[3], nil
}

// Processes are the numbers that proc_listpids tells. Processes that begin
// between the counting and the listing may be missed.
func Processes() ([]int, error) {
	room, err := CountProcesses()
	if err != nil {
		return nil, err
	}
	f := new(frame)
	defer f.Unpin()
	list := make([]int32, room+spareProcesses)
	r, errno, err := f.call(procListPIDs, listAllPIDs, 0, pin(f, &list[0]), uintptr(4*len(list)))
	n, err := counted(procListPIDs, 0, r, errno, err)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, pid := range list[:min(n/4, len(list))] {
		if pid > 0 { // the kernel is number 0
			pids = append(pids, int(pid))
		}
	}
	return pids, nil
}

// spareProcesses is room for those that begin in the meantime.
const spareProcesses = 64

// CountProcesses is proc_listpids without a buffer: for how many numbers there
// should be room.
func CountProcesses() (int, error) {
	f := new(frame)
	defer f.Unpin()
	r, errno, err := f.call(procListPIDs, listAllPIDs, 0, 0, 0)
	n, err := counted(procListPIDs, 0, r, errno, err)
	return n / 4, err
}

// Children are the numbers of a process's children, by proc_listpids with
// PROC_PPID_ONLY.
func Children(pid int) ([]int, error) { return list(listChildren, pid) }

// GroupMembers are the numbers of the processes in a process group, by
// proc_listpids with PROC_PGRP_ONLY.
func GroupMembers(group int) ([]int, error) { return list(listGroup, group) }

// maxListed is more than a plugin may start.
const maxListed = 4096

// list reads an answer of 0 bytes as nobody: it is an error's too, but then the
// errno may be another call's. fact:proc.zero-is-error, fact:proc.list-kinds
func list(kind, about int) ([]int, error) {
	f := new(frame)
	defer f.Unpin()
	numbers := new([maxListed]int32)
	r, _, err := f.call(procListPIDs, uintptr(kind), uintptr(about), pin(f, numbers), unsafe.Sizeof(*numbers))
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var out []int
	for _, pid := range numbers[:min(max(0, asInt(r))/4, maxListed)] {
		if pid > 0 {
			out = append(out, int(pid))
		}
	}
	return out, nil
}

// counted reads a result that is a number of bytes, 0 on error: libproc turns
// the kernel's -1 into 0 and leaves errno. fact:proc.zero-is-error
func counted(s *symbol, pid int, r uintptr, errno syscall.Errno, err error) (int, error) {
	if err == nil && asInt(r) <= 0 {
		err = &Failure{Call: s.name, RC: asInt(r), Errno: errno}
	}
	if err != nil {
		return 0, fmt.Errorf("asking about process %d: %w", pid, err)
	}
	return asInt(r), nil
}

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"syscall"
	"unsafe"

	"github.com/hrhost/hrhost/sdk"
)

const (
	exampleTarget = "AF_SYSTEM/SOCK_DGRAM/2"
	deniedSource  = "XNU bsd/kern/uipc_syscalls.c: mac_socket_check_create"
	ioctlPurpose  = "Asks for the number of the kernel control that utun devices are made through."
	useAPI        = "ioctl CTLIOCGINFO"
)

// families by name (bsd/sys/socket.h).
var families = map[string]int{
	"AF_SYSTEM": syscall.AF_SYSTEM, "AF_ROUTE": syscall.AF_ROUTE, "AF_NDRV": syscall.AF_NDRV,
	"AF_APPLETALK": syscall.AF_APPLETALK, "AF_DECnet": syscall.AF_DECnet, "AF_SNA": syscall.AF_SNA,
}

const (
	sysprotoControl = 2          // bsd/sys/sys_domain.h
	ctliocginfo     = 0xC0644E03 // bsd/sys/kern_control.h: _IOWR('N', 3, struct ctl_info)
	utunControl     = "com.apple.net.utun_control"
)

func (s socket) make() (int, error) {
	syscall.ForkLock.RLock() // there is no SOCK_CLOEXEC
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Socket(s.domain, s.kind, s.protocol)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}

// ask has the kernel answer through the socket where it is a control socket,
// and else asks for its own address.
func (h *held) ask() (string, error) {
	if h.s.domain == syscall.AF_SYSTEM && h.s.protocol == sysprotoControl {
		return controlInfo(h.fd)
	}
	name, err := syscall.Getsockname(h.fd)
	return fmt.Sprintf("%T", name), sdk.In("getsockname", err)
}

// controlInfo is the number of a kernel control.
func controlInfo(fd int) (string, error) {
	var info [100]byte // struct ctl_info: u_int32_t, char[96]
	copy(info[4:], utunControl)
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), ctliocginfo, uintptr(unsafe.Pointer(&info[0]))); e != 0 {
		return "", e
	}
	name, _, _ := bytes.Cut(info[4:], []byte{0})
	return fmt.Sprintf("%s is %d", name, binary.NativeEndian.Uint32(info[:4])), nil
}

func command(target string) (int, func(fd int) (string, error), error) {
	if target != "CTLIOCGINFO" {
		return -1, nil, fmt.Errorf("target %q: only CTLIOCGINFO is made on macOS", target)
	}
	s := socket{domain: syscall.AF_SYSTEM, kind: syscall.SOCK_DGRAM, protocol: sysprotoControl}
	fd, err := s.make()
	return fd, controlInfo, err
}

func useResults() []sdk.Result {
	return append(ioctlTable(useAPI), []sdk.Result{
		{API: "getsockname", Errno: 0, Class: sdk.OK, Source: "getsockname(2)"},
		{API: "getsockname", Errno: syscall.EPERM, Class: sdk.Denied, Source: "assumed: how a policy would refuse it; none was seen to"},
	}...)
}

func ioctlResults() []sdk.Result { return ioctlTable("ioctl") }

func ioctlTable(api string) []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "bsd/sys/kern_control.h"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied, Source: "XNU bsd/kern/sys_socket.c: mac_socket_check_ioctl"},
		{API: api, Errno: syscall.ENOENT, Class: sdk.Missing, Source: "XNU bsd/kern/kern_control.c: no such control"},
	}
}

package main

import (
	"fmt"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/hrhost/hrhost/sdk"
)

const (
	exampleTarget = "AF_NETLINK/SOCK_RAW/0"
	deniedSource  = "measured: the monitor answers a denied socket call with EPERM; packet(7), raw(7): so does the kernel without CAP_NET_RAW"
	ioctlPurpose  = "Asks a Unix socket how many bytes wait to be read."
	useAPI        = "getsockname"
)

// families by name (linux/socket.h). Only what makes a socket and changes
// nothing is here.
var families = map[string]int{
	"AF_APPLETALK": syscall.AF_APPLETALK, "AF_AX25": syscall.AF_AX25, "AF_X25": syscall.AF_X25, "AF_DECnet": syscall.AF_DECnet,
	"AF_KEY": syscall.AF_KEY, "AF_NETLINK": syscall.AF_NETLINK, "AF_PACKET": syscall.AF_PACKET, "AF_RDS": syscall.AF_RDS,
	"AF_CAN": syscall.AF_CAN, "AF_TIPC": syscall.AF_TIPC, "AF_BLUETOOTH": syscall.AF_BLUETOOTH, "AF_ALG": syscall.AF_ALG,
	"AF_ECONET": syscall.AF_ECONET, "AF_VSOCK": 40, "AF_XDP": 44,
}

func (s socket) make() (int, error) {
	return syscall.Socket(s.domain, s.kind|syscall.SOCK_CLOEXEC, s.protocol)
}

// ask says what family the socket's own address has.
func (h *held) ask() (string, error) {
	var addr [128]byte
	size := uint32(len(addr))
	if _, _, e := syscall.RawSyscall(syscall.SYS_GETSOCKNAME, uintptr(h.fd), uintptr(unsafe.Pointer(&addr[0])), uintptr(unsafe.Pointer(&size))); e != 0 {
		return "", e
	}
	return "family " + strconv.Itoa(int(*(*uint16)(unsafe.Pointer(&addr[0])))), nil
}

// command is the one call that the probe of socket-ioctl makes on Linux, where
// nobody mediates it.
func command(target string) (int, func(fd int) (string, error), error) {
	if target != "FIONREAD" {
		return -1, nil, fmt.Errorf("target %q: only FIONREAD is made on Linux", target)
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, nil, err
	}
	return fd, func(fd int) (string, error) {
		var waiting int32
		if _, _, e := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCINQ, uintptr(unsafe.Pointer(&waiting))); e != 0 {
			return "", e
		}
		return strconv.Itoa(int(waiting)), nil
	}, nil
}

func useResults() []sdk.Result {
	return []sdk.Result{
		{API: useAPI, Errno: 0, Class: sdk.OK, Source: "getsockname(2)"},
		{API: useAPI, Errno: syscall.EPERM, Class: sdk.Denied, Source: "assumed: how a policy would refuse it; none was seen to"},
	}
}

func ioctlResults() []sdk.Result {
	return []sdk.Result{
		{API: "ioctl", Errno: 0, Class: sdk.OK, Source: "unix(7)"},
		{API: "ioctl", Errno: syscall.EPERM, Class: sdk.Denied, Source: "assumed: how a policy would refuse it; none was seen to"},
	}
}

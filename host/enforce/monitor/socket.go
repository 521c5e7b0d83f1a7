//go:build linux

package monitor

import (
	"strconv"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Making a socket is system-socket where macOS would ask about it: for families
// that are neither IP nor Unix, whose sockets belong to network*. The three
// arguments are scalars, so the kernel makes the socket.
//
// Of IP, only TCP sockets may be made: a plugin can listen on one, and connect is
// refused. Containment refuses every other IP socket under every profile.
// Some send without connecting (UDP, raw IP); of the rest (SCTP, MPTCP, SMC) the
// monitor does not know every call that does.

// whenJudgedSocket passes TCP sockets and Unix stream and seqpacket sockets, and
// notifies for every other.
func whenJudgedSocket(int) []bpf.Instruction {
	return []bpf.Instruction{
		loadArg(0),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_UNIX, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET, SkipTrue: 9},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET6, SkipTrue: 8},
		answer(notify),
		// AF_UNIX
		loadArg(1), bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: socketTypeMask},
		skipUnless(unix.SOCK_STREAM), answer(pass),
		skipUnless(unix.SOCK_SEQPACKET), answer(pass),
		answer(notify),
		// AF_INET, AF_INET6
		loadArg(1), bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: socketTypeMask},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SOCK_STREAM, SkipTrue: 5},
		loadArg(2),
		skipUnless(0), answer(pass),
		skipUnless(unix.IPPROTO_TCP), answer(pass),
		answer(notify),
	}
}

const socketTypeMask = 0xf // SOCK_TYPE_MASK of linux/net.h; the rest are flags

// networkFamilies send over IP, or whole frames, without being AF_INET or AF_INET6:
// containment refuses them after the profile allowed them.
var networkFamilies = map[int]bool{
	unix.AF_PACKET: true, unix.AF_XDP: true, // frames: packet(7), if_xdp.h
	unix.AF_SMC: true, unix.AF_RDS: true, unix.AF_RXRPC: true, // TCP; TCP; UDP
}

func socketCall(c *call) reply {
	domain, kind, protocol := c.int(0), c.int(1)&socketTypeMask, c.int(2)
	if domain == unix.AF_INET && kind == unix.SOCK_PACKET {
		domain = unix.AF_PACKET // as the kernel reads it
	}
	s := socketSubject(socketDomain(domain), socketType(kind), strconv.Itoa(protocol))
	c.carrier = c.name + " " + s.filter.Value + "/" + s.more[0].Value + "/" + s.more[1].Value
	switch domain {
	case unix.AF_UNIX:
		return contain(unix.EACCES, whyDatagram)
	case unix.AF_INET, unix.AF_INET6:
		return contain(refusedIP(kind), whyNetwork)
	}
	if r, ok := c.judge(s); !ok {
		return r
	}
	if networkFamilies[domain] {
		return contain(unix.EACCES, whyNetwork)
	}
	return proceed()
}

// refusedIP is the errno of an IP socket that is refused. A library that asks for
// another stream protocol than TCP (MPTCP in Go's net package) falls back to TCP
// after EPROTONOSUPPORT.
func refusedIP(kind int) unix.Errno {
	if kind == unix.SOCK_STREAM {
		return unix.EPROTONOSUPPORT
	}
	return unix.EACCES
}

func socketSubject(domain, kind, protocol string) subject {
	return subject{
		op: opSocket, object: "unknown",
		filter: lane.Filter{Name: "socket-domain", Value: domain},
		more:   []lane.Filter{{Name: "socket-type", Value: kind}, {Name: "socket-protocol", Value: protocol}},
		facts: []sbpl.Filter{
			{Name: "socket-domain", Value: domain}, {Name: "socket-type", Value: kind}, {Name: "socket-protocol", Value: protocol},
		},
	}
}

// socketDomain is a family's name in the language, or linux-<n>.
func socketDomain(n int) string {
	if n >= 0 && n < len(families) && families[n] != "" {
		return families[n]
	}
	return "linux-" + strconv.Itoa(n)
}

func socketType(n int) string {
	if n > 0 && n < len(socketTypes) {
		return socketTypes[n]
	}
	return strconv.Itoa(n)
}

var socketTypes = [...]string{"", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"}

// families by number (linux/socket.h). Names that macOS has too mean its family
// there, whatever the numbers are.
var families = [...]string{
	"AF_UNSPEC", "AF_UNIX", "AF_INET", "AF_AX25", "AF_IPX", "AF_APPLETALK", "AF_NETROM", "AF_BRIDGE", "AF_ATMPVC",
	"AF_X25", "AF_INET6", "AF_ROSE", "AF_DECnet", "AF_NETBEUI", "AF_SECURITY", "AF_KEY", "AF_NETLINK", "AF_PACKET",
	"AF_ASH", "AF_ECONET", "AF_ATMSVC", "AF_RDS", "AF_SNA", "AF_IRDA", "AF_PPPOX", "AF_WANPIPE", "AF_LLC", "AF_IB",
	"AF_MPLS", "AF_CAN", "AF_TIPC", "AF_BLUETOOTH", "AF_IUCV", "AF_RXRPC", "AF_ISDN", "AF_PHONET", "AF_IEEE802154",
	"AF_CAIF", "AF_ALG", "AF_NFC", "AF_VSOCK", "AF_KCM", "AF_QIPCRTR", "AF_SMC", "AF_XDP", "AF_MCTP",
}

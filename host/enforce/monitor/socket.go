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
// that are neither IP nor Unix, whose sockets belong to network*, which nobody
// judges here. Raw IP sockets are judged too: they are no connection to a port.
// The three arguments are scalars, so the kernel makes the socket.

// whenJudgedSocket passes Unix stream and seqpacket sockets and those of IP
// with ports (stream, datagram, seqpacket), and notifies for every other.
func whenJudgedSocket(int) []bpf.Instruction {
	return []bpf.Instruction{
		loadArg(0),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_UNIX, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET6, SkipTrue: 1},
		answer(notify),
		loadArg(1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: socketTypeMask},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_STREAM, SkipTrue: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_SEQPACKET, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SOCK_DGRAM, SkipTrue: 1}, // Unix datagrams: below
		bpf.Jump{Skip: 2},
		answer(notify),
		answer(pass), // stream, seqpacket
		loadArg(0),
		skipUnless(unix.AF_UNIX), answer(notify),
		answer(pass),
	}
}

const socketTypeMask = 0xf // SOCK_TYPE_MASK of linux/net.h; the rest are flags

func socketCall(c *call) {
	domain, kind, protocol := c.int(0), c.int(1)&socketTypeMask, c.int(2)
	if domain == unix.AF_UNIX {
		c.contain(unix.EACCES, whyDatagram)
		return
	}
	if domain == unix.AF_INET && kind == unix.SOCK_PACKET {
		domain = unix.AF_PACKET // as the kernel reads it
	}
	s := socketSubject(socketDomain(domain), socketType(kind), strconv.Itoa(protocol))
	c.carrier = c.name + " " + s.filter.Value + "/" + s.more[0].Value + "/" + s.more[1].Value
	if !c.judge(s) {
		c.deny()
		return
	}
	c.proceed()
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

//go:build linux && amd64

package monitor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

func socketOrder(domain, kind, protocol int64) order {
	return sys(unix.SYS_SOCKET, num(domain), num(kind), num(protocol))
}

const socketProfile = `(version 1)
(deny default)
(allow system-socket (require-all (socket-domain AF_NETLINK) (socket-type SOCK_RAW) (socket-protocol 0)))
(allow system-socket (socket-domain AF_DECnet))
(allow system-socket (socket-domain AF_INET))
(allow system-socket (socket-domain AF_RDS))
(deny system-socket (require-all (socket-domain AF_ALG) (socket-type SOCK_SEQPACKET)))
`

// TestSockets: a socket is judged on its three arguments, and what the kernel
// says of one that is allowed is the kernel's own.
func TestSockets(t *testing.T) {
	p, err := sbpl.Compile([]byte(socketProfile), sbpl.Options{Name: "test.sb", Linux: true})
	if err != nil {
		t.Fatal(err)
	}
	s := seal(t)
	if r := s.do(socketOrder(unix.AF_NETLINK, unix.SOCK_RAW, 0)); r.Errno != 0 {
		t.Fatalf("netlink before sealing: %s", errnoName(r.Errno))
	}
	wantRow(t, s.take(), "socket system-socket AF_NETLINK allow/prelude/continue")
	if _, err := s.m.Seal(p); err != nil {
		t.Fatal(err)
	}
	const cloexec = unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK
	for _, c := range []struct {
		name string
		o    order
		want unix.Errno
		row  string // "" for none: not judged
		line int    // of the deciding rule, 0 for containment
	}{
		{"as allowed", socketOrder(unix.AF_NETLINK, unix.SOCK_RAW, 0), 0, "socket system-socket AF_NETLINK allow/policy/continue", 3},
		{"flags are no type", socketOrder(unix.AF_NETLINK, unix.SOCK_RAW|cloexec, 0), 0, "socket system-socket AF_NETLINK allow/policy/continue", 3},
		{"high halves", socketOrder(unix.AF_NETLINK|1<<32, unix.SOCK_RAW|1<<33, 1<<34), 0, "socket system-socket AF_NETLINK allow/policy/continue", 3},
		{"another type", socketOrder(unix.AF_NETLINK, unix.SOCK_DGRAM, 0), unix.EPERM, "socket system-socket AF_NETLINK deny/policy/deny", 2},
		{"another protocol", socketOrder(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_AUDIT), unix.EPERM, "socket system-socket AF_NETLINK deny/policy/deny", 2},
		{"another family", socketOrder(unix.AF_PACKET, unix.SOCK_RAW, 0), unix.EPERM, "socket system-socket AF_PACKET deny/policy/deny", 2},
		{"a family that the kernel lacks, allowed", socketOrder(unix.AF_DECnet, unix.SOCK_STREAM, 0), unix.EAFNOSUPPORT, "socket system-socket AF_DECnet allow/policy/continue", 4},
		{"a number that nothing has", socketOrder(99, unix.SOCK_STREAM, 0), unix.EPERM, "socket system-socket linux-99 deny/policy/deny", 2},
		{"a negative one", socketOrder(-1, unix.SOCK_STREAM, 0), unix.EPERM, "socket system-socket linux--1 deny/policy/deny", 2},
		{"packets by the old name", socketOrder(unix.AF_INET, unix.SOCK_PACKET, 0), unix.EPERM, "socket system-socket AF_PACKET deny/policy/deny", 2},
		{"another family over TCP, allowed", socketOrder(unix.AF_RDS, unix.SOCK_SEQPACKET, 0),
			unix.EACCES, "socket system-socket AF_RDS deny/containment/deny", 0},
		{"TCP", socketOrder(unix.AF_INET, unix.SOCK_STREAM, 0), 0, "", 0},
		{"TCP by its number", socketOrder(unix.AF_INET6, unix.SOCK_STREAM|cloexec, unix.IPPROTO_TCP), 0, "", 0},
		{"a TCP pair", sys(unix.SYS_SOCKETPAIR, num(unix.AF_INET), num(unix.SOCK_STREAM), num(0), buf(8)),
			unix.EOPNOTSUPP, "", 0},
		{"a Unix stream", socketOrder(unix.AF_UNIX, unix.SOCK_STREAM|cloexec, 0), 0, "", 0},
		{"Unix seqpacket", socketOrder(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0), 0, "", 0},
		{"a Unix pair", sys(unix.SYS_SOCKETPAIR, num(unix.AF_UNIX), num(unix.SOCK_STREAM), num(0), buf(8)), 0, "", 0},
		{"a pair, denied", sys(unix.SYS_SOCKETPAIR, num(unix.AF_TIPC), num(unix.SOCK_STREAM), num(0), buf(8)), unix.EPERM, "socketpair system-socket AF_TIPC deny/policy/deny", 2},
		{"a pair, allowed, of what has none", sys(unix.SYS_SOCKETPAIR, num(unix.AF_NETLINK), num(unix.SOCK_RAW), num(0), buf(8)), unix.EOPNOTSUPP, "socketpair system-socket AF_NETLINK allow/policy/continue", 3},
	} {
		s.take()
		r := s.do(c.o)
		if unix.Errno(r.Errno) != c.want {
			t.Errorf("%s: %s, want %s", c.name, errnoName(r.Errno), errnoName(int(c.want)))
		}
		if r.Errno == 0 && c.o.Nr == unix.SYS_SOCKET {
			s.do(sys(unix.SYS_CLOSE, num(r.Ret)))
		}
		rows := s.take()
		if c.row == "" {
			if len(rows) != 0 {
				t.Errorf("%s: judged:%s", c.name, showRows(rows))
			}
			continue
		}
		row := wantRow(t, rows, c.row)
		if row == nil {
			continue
		}
		if line := lineOf(row); line != c.line || len(row.Facts) != 2 {
			t.Errorf("%s: by %+v on %v, want line %d", c.name, row.Rule, row.Facts, c.line)
		}
	}
	for domain, want := range map[string]string{"AF_NETLINK": "allow", "AF_PACKET": "deny", "AF_INET": "unknown"} {
		kind := "SOCK_RAW"
		if domain == "AF_INET" {
			kind = "SOCK_STREAM"
		}
		q := sbpl.Query{Operation: opSocket, Filters: []sbpl.Filter{{Name: "socket-domain", Value: domain}, {Name: "socket-type", Value: kind}, {Name: "socket-protocol", Value: "0"}}}
		if a := s.m.Ask(s.pid, q); a.Prediction != want {
			t.Errorf("asked about %s: %+v, want %s", domain, a, want)
		}
	}
}

// lineOf is the line of a row's rule, 0 without one.
func lineOf(row *lane.WitnessRow) int {
	if row.Rule == nil {
		return 0
	}
	return row.Rule.Line
}

// TestIPSockets: of IP only TCP sockets can be made. Containment refuses the others
// although the profile allows them, and the policy is not asked.
func TestIPSockets(t *testing.T) {
	asked := 0
	s := seal(t)
	s.notes = true
	if _, err := s.m.Seal(decider(func(sbpl.Query) sbpl.Action { asked++; return sbpl.Allow })); err != nil {
		t.Fatal(err)
	}
	const mptcp, smc, cloexec = unix.IPPROTO_MPTCP, 256, unix.SOCK_CLOEXEC // IPPROTO_SMC, linux/in.h
	for _, domain := range []int64{unix.AF_INET, unix.AF_INET6} {
		for _, c := range []struct {
			name           string
			kind, protocol int64
			want           unix.Errno
		}{
			{"UDP", unix.SOCK_DGRAM, 0, unix.EACCES},
			{"UDP by its number", unix.SOCK_DGRAM | cloexec, unix.IPPROTO_UDP, unix.EACCES},
			{"UDP lite", unix.SOCK_DGRAM, unix.IPPROTO_UDPLITE, unix.EACCES},
			{"ping", unix.SOCK_DGRAM, unix.IPPROTO_ICMP, unix.EACCES},
			{"raw", unix.SOCK_RAW, unix.IPPROTO_ICMP, unix.EACCES},
			{"raw headers", unix.SOCK_RAW | cloexec, unix.IPPROTO_RAW, unix.EACCES},
			{"reliable datagrams", unix.SOCK_RDM, 0, unix.EACCES},
			{"SCTP", unix.SOCK_SEQPACKET, unix.IPPROTO_SCTP, unix.EACCES},
			{"seqpacket", unix.SOCK_SEQPACKET, 0, unix.EACCES},
			{"DCCP", unix.SOCK_DCCP, unix.IPPROTO_DCCP, unix.EACCES},
			{"no type", 0, 0, unix.EACCES},
			{"a type that nothing has", 0xf, 0, unix.EACCES},
			{"SCTP streams", unix.SOCK_STREAM, unix.IPPROTO_SCTP, unix.EPROTONOSUPPORT},
			{"MPTCP", unix.SOCK_STREAM | cloexec, mptcp, unix.EPROTONOSUPPORT},
			{"SMC", unix.SOCK_STREAM, smc, unix.EPROTONOSUPPORT},
			{"a negative protocol", unix.SOCK_STREAM, -1, unix.EPROTONOSUPPORT},
		} {
			pair := sys(unix.SYS_SOCKETPAIR, num(domain), num(c.kind), num(c.protocol), buf(8))
			for _, o := range []order{socketOrder(domain, c.kind, c.protocol), pair} {
				s.take()
				asked = 0
				if r := s.do(o); unix.Errno(r.Errno) != c.want {
					t.Errorf("%s of family %d: %s, want %s", c.name, domain, errnoName(r.Errno), errnoName(int(c.want)))
				}
				wantRow(t, s.take(), "socket*   deny/containment/deny")
				if asked != 0 {
					t.Errorf("%s of family %d: the policy was asked", c.name, domain)
				}
			}
		}
	}
}

// TestNoWayOut: no data reach a listener on the loopback device, which the same
// calls reach from a process that is not sealed.
func TestNoWayOut(t *testing.T) {
	const port = 0
	listen := func(kind int) (fd int, addr []byte) {
		fd, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		if kind == unix.SOCK_STREAM {
			if err := unix.Listen(fd, 8); err != nil {
				t.Fatal(err)
			}
		}
		at, err := unix.Getsockname(fd)
		if err != nil {
			t.Fatal(err)
		}
		p := at.(*unix.SockaddrInet4).Port
		return fd, []byte{unix.AF_INET, 0, byte(p >> 8), byte(p), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}
	}
	stream, tcp := listen(unix.SOCK_STREAM)
	datagram, udp := listen(unix.SOCK_DGRAM)
	// came reports whether a listener has a peer or data waiting, and takes it.
	came := func(fd int) bool {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, err := unix.Poll(poll, 0); n == 0 || err != nil {
			return false
		}
		if fd == stream {
			peer, _, err := unix.Accept(fd)
			unix.Close(peer)
			return err == nil
		}
		n, _, err := unix.Recvfrom(fd, make([]byte, 16), 0)
		return n > 0 && err == nil
	}
	const fast = unix.MSG_FASTOPEN
	for _, way := range []struct {
		name           string
		kind, protocol int64
		send           func(addr []byte) order
		to             int
		want           unix.Errno
	}{
		{"UDP sendto", unix.SOCK_DGRAM, 0, sendTo(unix.SYS_SENDTO, 0), datagram, unix.EBADF},
		{"UDP sendmsg", unix.SOCK_DGRAM, 0, sendTo(unix.SYS_SENDMSG, 0), datagram, unix.EBADF},
		{"UDP sendmmsg", unix.SOCK_DGRAM, 0, sendTo(unix.SYS_SENDMMSG, 0), datagram, unix.EBADF},
		{"TCP connect", unix.SOCK_STREAM, 0, func(a []byte) order {
			return sys(unix.SYS_CONNECT, reg("s"), raw(a...), num(16))
		}, stream, unix.EACCES},
		{"TCP fast open by sendto", unix.SOCK_STREAM, 0, sendTo(unix.SYS_SENDTO, fast), stream, unix.EACCES},
		{"TCP fast open by sendmsg", unix.SOCK_STREAM, unix.IPPROTO_TCP,
			sendTo(unix.SYS_SENDMSG, fast|unix.MSG_NOSIGNAL), stream, unix.EACCES},
		{"TCP fast open by sendmmsg", unix.SOCK_STREAM, 0, sendTo(unix.SYS_SENDMMSG, fast), stream, unix.EACCES},
	} {
		t.Run(way.name, func(t *testing.T) {
			addr := tcp
			if way.to == datagram {
				addr = udp
			}
			orders := []order{socketOrder(unix.AF_INET, way.kind, way.protocol).as("s"), way.send(addr)}
			regs := map[string]int64{}
			regs["s"] = perform(orders[0], regs).Ret
			if r := perform(orders[1], regs); r.Errno != 0 || !came(way.to) {
				t.Skipf("without a seal: %s", errnoName(r.Errno)) // this kernel has no fast open, or no loopback device
			}
			unix.Close(int(regs["s"]))
			s := sealWith(t, denying())
			if r := s.do(orders...); unix.Errno(r.Errno) != way.want || came(way.to) {
				t.Errorf("sealed: %s, want %s and nothing received", errnoName(r.Errno), errnoName(int(way.want)))
			}
			wantRow(t, s.take(), "*   deny/containment/deny")
		})
	}
}

// sendTo sends four bytes through the socket "s" to an address.
func sendTo(nr int, flags int64) func([]byte) order {
	return func(addr []byte) order {
		if nr == unix.SYS_SENDTO {
			return sys(nr, reg("s"), str("ping"), num(4), num(flags), raw(addr...), num(16))
		}
		return order{Prog: "sendmsg", Nr: nr, Args: []arg{reg("s"), raw(addr...), num(flags)}}
	}
}

// TestSocketsUndecided: a rule that asks for what no socket has leaves the
// answer open, and the call is refused, not in the policy's name.
func TestSocketsUndecided(t *testing.T) {
	p, err := sbpl.Compile([]byte(`(version 1)(allow default)(deny system-socket (require-all (socket-domain AF_NETLINK) (extension "x")))`), sbpl.Options{Linux: true})
	if err != nil {
		t.Fatal(err)
	}
	s := sealWith(t, p)
	if r := s.do(socketOrder(unix.AF_NETLINK, unix.SOCK_RAW, 0)); unix.Errno(r.Errno) != unix.EPERM {
		t.Errorf("%s, want EPERM", errnoName(r.Errno))
	}
	row := wantRow(t, s.take(), "socket system-socket AF_NETLINK deny/containment/deny")
	if row != nil && !strings.Contains(row.Reason, "missing fact extension") {
		t.Errorf("%+v", row)
	}
}

// TestFamilyNames: the language knows each name that the monitor uses, and no
// two families share a number there.
func TestFamilyNames(t *testing.T) {
	known := sbpl.NamesOf("", "socket-domain", true)
	for n, name := range families {
		if !slices.Contains(known, name) {
			t.Errorf("family %d: the language has no %q", n, name)
		}
		p, err := sbpl.Compile(fmt.Appendf(nil, "(version 1)(deny default)(allow system-socket (socket-domain %s))", name), sbpl.Options{Linux: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range families {
			d := p.Decide(sbpl.Query{Operation: opSocket, Filters: []sbpl.Filter{{Name: "socket-domain", Value: other}}})
			if (d.Action == sbpl.Allow) != (other == name) {
				t.Errorf("a rule about %s says %s of %s", name, d.Action, other)
			}
		}
	}
	for n, name := range socketTypes {
		if n > 0 && !slices.Contains(sbpl.NamesOf("", "socket-type", true), name) {
			t.Errorf("type %d: the language has no %q", n, name)
		}
	}
}

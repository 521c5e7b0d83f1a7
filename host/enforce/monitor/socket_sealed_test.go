//go:build linux && amd64

package monitor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

func socketOrder(domain, kind, protocol int64) order {
	return sys(unix.SYS_SOCKET, num(domain), num(kind), num(protocol))
}

const socketProfile = `(version 1)
(deny default)
(allow system-socket (require-all (socket-domain AF_NETLINK) (socket-type SOCK_RAW) (socket-protocol 0)))
(allow system-socket (socket-domain AF_DECnet))
(allow system-socket (require-all (socket-domain AF_INET) (socket-type SOCK_DGRAM)))
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
		row  string // "" for none: not system-socket
		line int
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
		{"raw IP", socketOrder(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP), unix.EPERM, "socket system-socket AF_INET deny/policy/deny", 2},
		{"raw IPv6", socketOrder(unix.AF_INET6, unix.SOCK_RAW, unix.IPPROTO_ICMPV6), unix.EPERM, "socket system-socket AF_INET6 deny/policy/deny", 2},
		{"a type that IP has not", socketOrder(unix.AF_INET, unix.SOCK_RDM, 0), unix.EPERM, "socket system-socket AF_INET deny/policy/deny", 2},
		{"TCP", socketOrder(unix.AF_INET, unix.SOCK_STREAM, 0), 0, "", 0},
		{"UDP", socketOrder(unix.AF_INET6, unix.SOCK_DGRAM|cloexec, 0), 0, "", 0},
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
		if row := wantRow(t, rows, c.row); row != nil && (row.Rule == nil || row.Rule.Line != c.line || len(row.Facts) != 2) {
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

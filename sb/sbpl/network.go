package sbpl

import (
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// proto is a set of address families and transports, as the tables number the
// protocols: ip4 1, ip6 2, tcp 4, udp 8. Without a transport it is any.
type proto uint8

const (
	families   proto = 3
	transports proto = 12
)

// end is one end of a connection, asked for or known. A query's end may leave
// the family, the transport or the host open.
type end struct {
	proto proto
	host  hostClass
	port  int // anyPort for *
}

type hostClass uint8

const (
	anyHost hostClass = iota // asked for: every host; known: nothing is known of it
	localhost
	otherHost // known only
)

const anyPort = -1

// protos are the names of protocols.
var protos = map[string]proto{
	"ip": 3, "ip4": 1, "ip6": 2, "tcp": 7, "tcp4": 5, "tcp6": 6, "udp": 11, "udp4": 9, "udp6": 10,
}

// networkFilter is (local PROTO "host:port"...) and (remote ...).
func networkFilter(k *scheme.Call, t *test) (*test, error) {
	if len(k.Args) == 0 {
		return nil, k.Errorf("malformed network filter: a protocol is needed")
	}
	name := ""
	if con, ok := k.Args[0].(*constant); ok {
		name = con.name
	}
	if name == "unix-socket" {
		return unixFilter(k)
	}
	p, ok := protos[name]
	if !ok {
		return nil, k.Errorf("malformed network filter: %s is not a protocol", scheme.Show(k.Args[0]))
	}
	t.how = network
	if len(k.Args) == 1 {
		t.ends = []end{{p, anyHost, anyPort}}
	}
	for i := 1; i < len(k.Args); i++ {
		s, err := k.Str(i)
		if err != nil {
			return nil, err
		}
		e, why := address(s)
		if why != "" {
			return nil, k.Errorf("%s: %q", why, s)
		}
		e.proto = p
		t.ends = append(t.ends, e)
	}
	return t, nil
}

// address reads HOST:PORT of a rule.
func address(s string) (end, string) {
	host, port, ok := strings.Cut(s, ":")
	e := end{port: anyPort}
	switch {
	case !ok || host != "*" && host != "localhost":
		return e, "host must be * or localhost in network address"
	case host == "localhost":
		e.host = localhost
	}
	if port != "*" {
		if e.port, ok = portNumber(port); !ok {
			return e, "invalid port in network address"
		}
	}
	return e, ""
}

// portNumber reads 1 to 65535.
func portNumber(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || n > 65535 {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, n > 0 && n <= 65535
}

// unixFilter is (remote unix-socket [PATH-FILTER]): every UNIX socket, or the
// path filter itself. Old releases take a regular expression.
func unixFilter(k *scheme.Call) (*test, error) {
	if len(k.Args) == 1 {
		return &test{fact: "socket-domain", category: "network", how: unix}, nil
	}
	if len(k.Args) > 2 {
		return nil, k.Errorf("malformed network filter: unix-socket takes one path filter")
	}
	c := host(k)
	if t, ok := asFilter(k.Args[1]); ok {
		path := true
		t.each(func(l *test) { path = path && l.category == "path" })
		if !path {
			return nil, k.Errorf("malformed network filter: unix-socket takes a path filter")
		}
		return t, nil
	}
	if s, ok := k.Args[1].(*syntax.Str); ok {
		t := &test{fact: "path", category: "path", filter: c.table.release.Filters["path"], how: matching}
		return t, c.addPattern(k, t, s.S)
	}
	return nil, k.Errorf("malformed network filter: %s is not a path filter", scheme.Show(k.Args[1]))
}

// unixSocket is known from the socket's domain, or from what else it has.
func (t *test) unixSocket(q *Query, missing *[]string) truth {
	for i := range q.Filters {
		switch f := &q.Filters[i]; f.Name {
		case "path":
			return yes
		case "local", "remote", "control-name":
			return no
		case "socket-domain":
			return truthOf(f.Value == "AF_UNIX" || f.Value == "AF_LOCAL" || f.Value == "1")
		}
	}
	note(missing, "socket-domain")
	return maybe
}

// matchesEnd compares a known end, such as "tcp4 127.0.0.1:80".
func (t *test) matchesEnd(v string) truth {
	known, ok := parseEnd(v)
	if !ok {
		return no
	}
	out := no
	for _, want := range t.ends {
		out = max(out, want.covers(known))
	}
	return out
}

func (want end) covers(known end) truth {
	out := yes
	for _, mask := range [2]proto{families, transports} {
		w, k := want.proto&mask, known.proto&mask
		switch {
		case w == 0 || w == mask || k&^w == 0 && k != 0: // anything, or nothing but what is wanted
		case k&w == 0 && k != 0:
			return no
		default:
			out = maybe
		}
	}
	if want.host == localhost {
		switch known.host {
		case otherHost:
			return no
		case anyHost:
			out = maybe
		}
	}
	if want.port != anyPort && known.port != want.port {
		if known.port != anyPort {
			return no
		}
		out = maybe
	}
	return out
}

// parseEnd reads PROTO HOST:PORT of a query. An address tells the family.
func parseEnd(v string) (end, bool) {
	name, addr, _ := strings.Cut(v, " ")
	p, ok := protos[name]
	if !ok {
		return end{}, false
	}
	e := end{proto: p, port: anyPort}
	if addr == "" {
		return e, true
	}
	colon := strings.LastIndexByte(addr, ':')
	if colon < 0 {
		return end{}, false
	}
	if port := addr[colon+1:]; port != "*" {
		if e.port, ok = portNumber(port); !ok {
			return end{}, false
		}
	}
	e.known(addr[:colon])
	return e, true
}

// known notes what a host says of its class and family. IPv4 in IPv6's clothes
// is not localhost.
func (e *end) known(host string) {
	switch {
	case host == "*" || host == "":
	case host == "localhost":
		e.host = localhost
	case strings.HasPrefix(host, "["):
		e.host, e.proto = otherHost, e.proto&transports|2
		if host == "[::1]" {
			e.host = localhost
		}
	default:
		e.host, e.proto = otherHost, e.proto&transports|1
		if host == "127.0.0.1" {
			e.host = localhost
		}
	}
}

package sbpl

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// Canonical returns a fact in the one spelling in which an enforcement point asks
// for it. A value in which no object can have it is an error: a policy would
// answer about it, and the answer would be about nothing.
//
// A rule is never changed: one that is not written in this spelling matches
// nothing, here as on the system.
func Canonical(f Filter) (Filter, error) {
	var err error
	switch f.Name {
	case "path", "process-path":
		err = checkPath(f.Value)
	case "local", "remote":
		err = checkEnd(f.Value)
	case "sysctl-name":
		f.Value, err = sysctlName(f.Value)
	default:
		if f.Value == "" {
			err = errors.New("it is empty")
		}
	}
	if err != nil {
		return f, fmt.Errorf("malformed %s %q: %w", f.Name, f.Value, err)
	}
	return f, nil
}

// checkPath wants a path as the kernel names a vnode: absolute, without empty, "."
// or ".." components, and with no slash at the end.
func checkPath(v string) error {
	const want = "want an absolute path such as /private/etc/hosts"
	switch {
	case v == "":
		return errors.New("it is empty; " + want)
	case v[0] == '~':
		return errors.New("~ is not expanded; " + want)
	case v[0] != '/':
		return errors.New("it is relative; " + want)
	case strings.IndexByte(v, 0) >= 0:
		return errors.New("it has a NUL byte")
	case v == "/":
		return nil
	case v[len(v)-1] == '/':
		return errors.New("no path of the system ends in a slash")
	}
	for part := range strings.SplitSeq(v[1:], "/") {
		switch part {
		case "":
			return errors.New("it has an empty component (//)")
		case ".", "..":
			return fmt.Errorf("it has the component %q, which the system resolves before it asks", part)
		}
	}
	return nil
}

// Tidy removes the parts of a path's spelling that mean nothing: empty and "."
// components and slashes at the end. It leaves "..", which leads elsewhere when the component
// before it is a link.
func Tidy(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	var b strings.Builder
	for part := range strings.SplitSeq(path, "/") {
		if part != "" && part != "." {
			b.WriteString("/" + part)
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// wantEnd is how a query writes one end of a connection.
const wantEnd = `want PROTO HOST:PORT, such as "tcp4 127.0.0.1:443": ` +
	"a protocol of ip, tcp, udp with 4 or 6 or neither, an address, [address], localhost or *, " +
	"and a port from 1 to 65535 or *"

// checkEnd wants what [parseEnd] reads, and a host that is an address: the system
// knows no names, and a wrong address is not localhost.
func checkEnd(v string) error {
	name, addr, spaced := strings.Cut(v, " ")
	p, known := protos[name]
	switch {
	case !known:
		return errors.New("it does not begin with a protocol; " + wantEnd)
	case !spaced:
		return nil
	}
	colon := strings.LastIndexByte(addr, ':')
	if colon < 0 {
		return errors.New("it has no port; " + wantEnd)
	}
	host, port := addr[:colon], addr[colon+1:]
	if _, ok := portNumber(port); !ok && port != "*" {
		return fmt.Errorf("port %q is not one; %s", port, wantEnd)
	}
	if host == "*" || host == "localhost" {
		return nil
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	ip, err := netip.ParseAddr(inner)
	switch {
	case err != nil || bracketed != closed || ip.Is4() == bracketed:
		return fmt.Errorf("host %q is not an address; %s", host, wantEnd)
	case ip.Is4() && p&families == 2, ip.Is6() && p&families == 1:
		return fmt.Errorf("%s has no address %s", name, host)
	}
	return nil
}

// sysctlName returns the dotted name of a parameter, the one in which profiles are
// written and the system asks. sysctl(8) of Linux takes "net/ipv4/ip_forward" as
// well: there the first separator says which of the two separates, and the other
// one stands for itself. In the dotted name a slash is thus a dot within a
// component: net.ipv4.conf.eth0/100.mtu. Names of macOS have no slash
// (SYSCTL_OID of bsd/sys/sysctl.h makes them of C identifiers).
func sysctlName(v string) (string, error) {
	name := v
	if i := strings.IndexAny(v, "./"); i >= 0 && v[i] == '/' {
		name = swapSeparators(v)
	}
	switch {
	case strings.IndexByte(v, 0) >= 0:
		return v, errors.New("it has a NUL byte")
	case !utf8.ValidString(v):
		return v, errors.New("it is not UTF-8")
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || part == "/" || part == "//" { // "", "." and ".." of a path
			return v, errors.New("it has an empty component; want a name such as kernel.ostype or kernel/ostype")
		}
	}
	return name, nil
}

// Spellings returns the ways in which a person may write a fact's value, the
// canonical one first.
func Spellings(f Filter) []string {
	if other := swapSeparators(f.Value); f.Name == "sysctl-name" && other != f.Value {
		return []string{f.Value, other}
	}
	return []string{f.Value}
}

func swapSeparators(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '.':
			return '/'
		case '/':
			return '.'
		}
		return r
	}, s)
}

package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// A target has one spelling, which is chosen here and nowhere else: rows, the
// witness and the policy compare targets as text, and an object with two names
// would be two objects to them.

// maxTarget bounds a target, as it is bounded where a plugin lists them: it stands in
// every row about it, in some several times.
const maxTarget = 2048

// processTargets are the names a plan has for processes.
var processTargets = []string{"self", "child", "sibling", "pid1", "missing"}

// target reads the target for this system; without one the probe is skipped.
func (p *parser) target(t *table, b *Probe) byOS {
	values, ok := t.eachOS("target")
	if !ok {
		if !t.has("target") {
			t.problem("target", "", "no target%s", t.in())
		}
		return nil
	}
	for _, v := range values.distinct() {
		if len(v) > maxTarget && !p.opts.Ran {
			t.problem("target", "", "target%s has %d bytes, more than %d", t.in(), len(v), maxTarget)
		}
		p.checkTarget(t, b.Filter, v)
	}
	b.targets = byOS{}
	for os, v := range values {
		b.targets[os] = p.spelled(b.Filter, v)
	}
	_, here := values[p.opts.OS]
	b.Target, b.Skip = b.targets[p.opts.OS], !here
	return values
}

// AbsentOnPurpose reports that the plan says of a target that it does not exist.
func (b *Probe) AbsentOnPurpose() bool {
	return b.Absent || b.Filter == "target" && b.Target == "missing"
}

// checkTarget reports what is wrong with a value of a filter.
func (p *parser) checkTarget(t *table, filter, v string) {
	switch filter {
	case "target":
		if !slices.Contains(processTargets, v) {
			t.problem("target", "use "+quoted(processTargets), "unknown process %q%s", v, t.in())
		}
	case "socket-domain":
		p.socketTarget(t, v)
	default:
		if _, err := sbpl.Canonical(sbpl.Filter{Name: filter, Value: v}); err != nil && !p.opts.AsWritten {
			t.problem("target", "", "%s%s", t.lead(), err)
		}
	}
}

// spelled returns a target in its one spelling, or as it is written when it has
// none.
func (p *parser) spelled(filter, v string) string {
	if p.opts.AsWritten {
		return v
	}
	return Spelled(filter, v)
}

// Spelled returns the one spelling of a target, which may come from a plan or from
// a plugin that lists it. A target that has none is returned as it is.
func Spelled(filter, target string) string {
	switch filter {
	case "target":
		return target
	case "socket-domain", "socket-type", "socket-protocol":
		return socketSpelled(target)
	}
	f, err := sbpl.Canonical(sbpl.Filter{Name: filter, Value: target})
	if err != nil {
		return target
	}
	return f.Value
}

const socketForm = "write DOMAIN/TYPE/PROTOCOL, such as AF_NETLINK/SOCK_RAW/0"

// socketTarget checks DOMAIN[/TYPE[/PROTOCOL]]: names of either system, and a
// number.
func (p *parser) socketTarget(t *table, v string) {
	parts := strings.Split(v, "/")
	for i, filter := range []string{"socket-domain", "socket-type"} {
		if i >= len(parts) {
			break
		}
		if names := sbpl.NamesOf(p.opts.Release, filter, true); !slices.Contains(names, parts[i]) {
			t.problem("target", maybe(parts[i], names), "unknown %s %q%s", filter, parts[i], t.in())
		}
	}
	if len(parts) == 3 {
		if _, err := strconv.ParseUint(parts[2], 10, 31); err != nil {
			t.problem("target", socketForm, "socket protocol %q%s is not a number", parts[2], t.in())
		}
	}
	if len(parts) > 3 {
		t.problem("target", socketForm, "%q%s is not a socket", v, t.in())
	}
}

// sameFamily maps the second name of a socket family to its first: bsd/sys/socket.h
// of macOS and linux/socket.h define the one as the other.
var sameFamily = map[string]string{"AF_LOCAL": "AF_UNIX", "AF_OSI": "AF_ISO", "AF_E164": "AF_ISDN"}

// socketSpelled writes a family by its first name, and the protocol as a number
// without leading zeros.
func socketSpelled(v string) string {
	parts := strings.Split(v, "/")
	for i, part := range parts {
		if first, ok := sameFamily[part]; ok {
			parts[i] = first
		}
		if n, err := strconv.ParseUint(part, 10, 31); err == nil {
			parts[i] = strconv.FormatUint(n, 10)
		}
	}
	return strings.Join(parts, "/")
}

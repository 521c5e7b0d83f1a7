package sbpl

import (
	"slices"
	"strings"
	"testing"
)

// TestLinuxNames: a family that only Linux has is known where a profile is
// enforced there, and never stands for one of macOS's by its number.
func TestLinuxNames(t *testing.T) {
	const profile = "(version 1)(deny default)(allow system-socket (socket-domain AF_NETLINK))(allow system-socket (socket-domain 16))"
	if _, err := Compile([]byte(profile), Options{}); err == nil || !strings.Contains(err.Error(), "AF_NETLINK") {
		t.Errorf("on macOS AF_NETLINK is %v, want unbound", err)
	}
	for _, release := range []string{"", "10.15", "10.9"} {
		p, err := Compile([]byte(profile), Options{Linux: true, Release: release})
		if err != nil {
			t.Fatal(err)
		}
		for domain, want := range map[string]Action{
			"AF_NETLINK": Allow, "AF_APPLETALK": Allow, "AF_PACKET": Deny, "AF_ROUTE": Deny, "linux-99": Deny, "AF_SYSTEM": Deny,
		} {
			d := p.Decide(Query{Operation: "system-socket", Filters: []Filter{{"socket-domain", domain}}})
			if d.Action != want {
				t.Errorf("%s: %s is %s, want %s", release, domain, d.Action, want)
			}
		}
	}
	named := "(version 1)(deny default)(if (defined? 'AF_NETLINK) (allow system-socket (socket-domain AF_NETLINK)) (allow system-socket (socket-domain AF_ROUTE)))"
	for _, linux := range []bool{false, true} {
		p, err := Compile([]byte(named), Options{Linux: linux})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(domain string) Action {
			return p.Decide(Query{Operation: "system-socket", Filters: []Filter{{"socket-domain", domain}}}).Action
		}
		if (ask("AF_NETLINK") == Allow) != linux || (ask("AF_ROUTE") == Allow) == linux {
			t.Errorf("linux %v: AF_NETLINK %s, AF_ROUTE %s", linux, ask("AF_NETLINK"), ask("AF_ROUTE"))
		}
	}
	if macOS := NamesOf("", "socket-domain", false); slices.Contains(macOS, "AF_NETLINK") || !slices.Contains(macOS, "AF_SYSTEM") {
		t.Errorf("macOS has the families %v", macOS)
	}
	if !slices.Contains(NamesOf("", "socket-domain", true), "AF_NETLINK") {
		t.Error("Linux has no AF_NETLINK")
	}
}

// TestServiceClasses: opening a service and a user client is about a class, as
// it was when both were one operation. Version 1 leaves services open until the
// profile names the operation.
func TestServiceClasses(t *testing.T) {
	p, err := Compile([]byte(`(version 1)(deny default iokit-open-service)(allow iokit-open-service iokit-open-user-client (iokit-registry-entry-class "IOSurfaceRoot"))`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []string{"iokit-open-service", "iokit-open-user-client"} {
		for class, want := range map[string]Action{"IOSurfaceRoot": Allow, "AppleKeyStore": Deny} {
			if d := p.Decide(Query{Operation: op, Filters: []Filter{{"iokit-registry-entry-class", class}}}); d.Action != want {
				t.Errorf("%s %s: %s, want %s", op, class, d.Action, want)
			}
		}
	}
}

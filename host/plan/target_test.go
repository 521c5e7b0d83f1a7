package plan

import (
	"strings"
	"testing"
)

// TestTargets: a target has one spelling in a plan, and one that no object can have
// is refused on its line.
func TestTargets(t *testing.T) {
	for _, c := range []struct{ op, filter, target, want, err string }{
		{"sysctl-read", "", "net/ipv4/ip_forward", "net.ipv4.ip_forward", ""},
		{"sysctl-read", "", "net/ipv4/conf/eth0.100/mtu", "net.ipv4.conf.eth0/100.mtu", ""},
		{"sysctl-read", "", "net.ipv4.conf.eth0/100.mtu", "net.ipv4.conf.eth0/100.mtu", ""},
		{"sysctl-read", "", "kernel..ostype", "", `plan.toml:8:44: probe "a" of profile "p": malformed sysctl-name "kernel..ostype"`},
		{"system-socket", "", "AF_LOCAL/SOCK_DGRAM/007", "AF_UNIX/SOCK_DGRAM/7", ""},
		{"system-socket", "", "AF_NETLINK/SOCK_RAW", "AF_NETLINK/SOCK_RAW", ""},
		{"system-socket", "socket-protocol", "09", "9", ""},
		{"mach-lookup", "", "org.example/A.b", "org.example/A.b", ""},
		{"signal", "", "child", "child", ""},
		{"file-read-data", "", "/private/etc/hosts", "/private/etc/hosts", ""},
		{"file-read-data", "", "Users/me/x", "", "it is relative; want an absolute path"},
		{"file-read-data", "", "~/x", "", "~ is not expanded"},
		{"file-read-data", "", "/a/../b", "", `the component ".."`},
		{"file-read-data", "", "//", "", "ends in a slash"},
		{"network-outbound", "remote", "tcp4 127.0.0.1:443", "tcp4 127.0.0.1:443", ""},
		{"network-outbound", "remote", "1.2.3.4:443", "", "want PROTO HOST:PORT"},
		{"network-outbound", "remote", "tcp4:1.2.3.4:443", "", "want PROTO HOST:PORT"},
		{"network-outbound", "remote", "tcp4 1.2.3.4:99999", "", `port "99999" is not one`},
	} {
		filter := ""
		if c.filter != "" {
			filter = `, filter = "` + c.filter + `"`
		}
		src := profileWith("", `{ id = "a", op = "`+c.op+`", target = "`+c.target+`"`+filter+`, expect = "any" }`)
		p, err := Parse("plan.toml", []byte(src), read, Options{OS: Linux})
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s %q: %v", c.op, c.target, err)
		case c.err == "" && p.Profiles[0].Probes[0].Target != c.want:
			t.Errorf("%s %q is %q, want %q", c.op, c.target, p.Profiles[0].Probes[0].Target, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s %q: %v, want %q", c.op, c.target, err, c.err)
		}
		if _, err := Parse("plan.toml", []byte(src), read, Options{OS: Linux, Ran: true, AsWritten: true}); err != nil {
			t.Errorf("as written, %s %q: %v", c.op, c.target, err)
		}
	}
}

// TestTargetOfEachSystem: the plan's line is refused whichever system it is read on.
func TestTargetOfEachSystem(t *testing.T) {
	src := profileWith("", `{ id = "a", op = "file-read-data", target = { macos = "etc", linux = "/etc" }, expect = "any" }`)
	if _, err := Parse("plan.toml", []byte(src), read, Options{OS: Linux}); err == nil || !strings.Contains(err.Error(), `malformed path "etc"`) {
		t.Errorf("%v", err)
	}
}

package sbpl

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCanonical: a fact has one spelling, and one that no object can have is
// refused with a sentence about the form that is wanted.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ name, value, want, err string }{
		{"sysctl-name", "net.ipv4.ip_forward", "net.ipv4.ip_forward", ""},
		{"sysctl-name", "net/ipv4/ip_forward", "net.ipv4.ip_forward", ""},
		{"sysctl-name", "net/ipv4/conf/eth0.100/forwarding", "net.ipv4.conf.eth0/100.forwarding", ""},
		{"sysctl-name", "net.ipv4.conf.eth0/100.forwarding", "net.ipv4.conf.eth0/100.forwarding", ""},
		{"sysctl-name", "net.ipv4/conf", "net.ipv4/conf", ""}, // the first separator is a dot: the slash is in a component
		{"sysctl-name", "kernel", "kernel", ""},
		{"sysctl-name", "", "", "empty component"},
		{"sysctl-name", "kernel..ostype", "", "want a name such as kernel.ostype or kernel/ostype"},
		{"sysctl-name", "kernel.", "", "empty component"},
		{"sysctl-name", "/proc/sys/kernel/ostype", "", "empty component"},
		{"sysctl-name", "kernel/../ostype", "", "empty component"},
		{"sysctl-name", "kernel/./ostype", "", "empty component"},
		{"sysctl-name", "a\x00b", "", "NUL"},
		{"sysctl-name", "a.\xff", "", "not UTF-8"},
		{"path", "/", "/", ""},
		{"path", "/private/etc/hosts", "/private/etc/hosts", ""},
		{"path", "/a/..b/.c", "/a/..b/.c", ""},
		{"path", "Users/me/x", "", "it is relative; want an absolute path"},
		{"path", "", "", "it is empty"},
		{"path", "//", "", "ends in a slash"},
		{"path", "/a//b", "", "empty component (//)"},
		{"path", "/a/", "", "ends in a slash"},
		{"path", "/a/../b", "", `the component ".."`},
		{"path", "/../b", "", `the component ".."`},
		{"path", "/a/.", "", `the component "."`},
		{"path", "~", "", "~ is not expanded"},
		{"path", "~/x", "", "~ is not expanded"},
		{"path", "/a\x00b", "", "NUL"},
		{"process-path", "sh", "", "it is relative"},
		{"remote", "tcp4 127.0.0.1:80", "tcp4 127.0.0.1:80", ""},
		{"remote", "tcp *:443", "tcp *:443", ""},
		{"remote", "udp localhost:*", "udp localhost:*", ""},
		{"remote", "ip", "ip", ""},
		{"local", "tcp6 [::1]:80", "tcp6 [::1]:80", ""},
		{"remote", "1.2.3.4:443", "", `want PROTO HOST:PORT, such as "tcp4 127.0.0.1:443"`},
		{"remote", "tcp4:1.2.3.4:443", "", "does not begin with a protocol"},
		{"remote", "tcp4 1.2.3.4:99999", "", `port "99999" is not one`},
		{"remote", "tcp4 1.2.3.4:0", "", `port "0" is not one`},
		{"remote", "tcp4 1.2.3.4:", "", `port "" is not one`},
		{"remote", "tcp4 1.2.3.4", "", "no port"},
		{"remote", "tcp4 1.2.3:80", "", `host "1.2.3" is not an address`},
		{"remote", "tcp4 example.com:80", "", "is not an address"},
		{"remote", "tcp4 :80", "", "is not an address"},
		{"remote", "tcp6 ::1:80", "", "is not an address"},
		{"remote", "tcp6 [::1:80", "", "is not an address"},
		{"remote", "tcp4 [1.2.3.4]:80", "", "is not an address"},
		{"remote", "tcp6 1.2.3.4:80", "", "tcp6 has no address 1.2.3.4"},
		{"remote", "udp4 [::1]:80", "", "udp4 has no address [::1]"},
		{"remote", "tcp4  1.2.3.4:80", "", "is not an address"},
		{"global-name", "com.example", "com.example", ""},
		{"global-name", "", "", "it is empty"},
		{"", "", "", "it is empty"},
	} {
		got, err := Canonical(Filter{c.name, c.value})
		switch {
		case c.err == "" && (err != nil || got != (Filter{c.name, c.want})):
			t.Errorf("%s=%q: %v, %v; want %q", c.name, c.value, got, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s=%q: %v; want an error with %q", c.name, c.value, err, c.err)
		}
	}
}

func TestTidy(t *testing.T) {
	for path, want := range map[string]string{
		"/a//b/": "/a/b", "/./a/.": "/a", "//": "/", "/": "/", "/a/../b": "/a/../b", "a//b": "a//b", "": "", "~/": "~/",
	} {
		if got := Tidy(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// FuzzCanonical: the one spelling is its own canonical spelling, and the evaluator
// reads every accepted value.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"net/ipv4/conf/eth0.100/mtu", "/a/b", "tcp6 [::1]:80", "udp *:*", "a.b/c", "//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, name := range []string{"sysctl-name", "path", "remote", "global-name"} {
			once, err := Canonical(Filter{name, v})
			if err != nil {
				continue
			}
			if twice, err := Canonical(once); err != nil || twice != once {
				t.Errorf("%s=%q: %q, then %q, %v", name, v, once.Value, twice.Value, err)
			}
			if _, ok := parseEnd(once.Value); name == "remote" && !ok {
				t.Errorf("accepted and not read: %q", v)
			}
			if name == "path" && (!filepath.IsAbs(v) || filepath.Clean(v) != v) {
				t.Errorf("accepted as a path: %q", v)
			}
		}
	})
}

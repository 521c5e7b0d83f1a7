package plan

import (
	"fmt"
	"strings"
	"testing"
)

// TestDetermined: a target that leaves out what the profile decides by is refused, since
// the plugin would choose the decision. A plan that was run is read as it was.
func TestDetermined(t *testing.T) {
	const (
		byType   = `(allow system-socket (require-all (socket-domain AF_NETLINK) (socket-type SOCK_DGRAM)))`
		byFamily = `(allow system-socket (socket-domain AF_NETLINK))`
		bySignal = `(allow signal (require-all (target self) (signal-number SIGUSR1)))`
	)
	for _, c := range []struct {
		rule, op, filter, target string
		want                     string // "" when nothing is refused
	}{
		{byType, "system-socket", "socket-domain", "AF_NETLINK", `target "AF_NETLINK" in probe "a" of profile "p" leaves out socket-type, which p.sb decides by: write DOMAIN`},
		{byType, "system-socket", "socket-domain", "AF_NETLINK/SOCK_DGRAM", ""},
		{byType, "system-socket", "socket-domain", "AF_ALG", ""}, // denied whatever its type
		{byType, "system-socket", "socket-type", "SOCK_DGRAM", "leaves out socket-domain"},
		{byFamily, "system-socket", "socket-domain", "AF_NETLINK", ""},
		{byFamily, "signal", "target", "child", ""},
		{bySignal, "signal", "target", "self", ""}, // the signal follows from the name
		{bySignal, "signal", "signal-number", "SIGUSR1", `leaves out target, which p.sb decides by: use filter = "target"`},
	} {
		src := profileWith("", fmt.Sprintf(`{ id = "a", op = %q, filter = %q, target = { linux = %q }, expect = "any" }`, c.op, c.filter, c.target))
		files := func(string) ([]byte, error) { return []byte("(version 1)(deny default)" + c.rule), nil }
		_, err := Parse("plan.toml", []byte(src), files, Options{OS: Linux})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %s under %s: %v, want %q", c.target, c.op, c.rule, err, c.want)
		}
		if _, err := Parse("plan.toml", []byte(src), files, Options{OS: Linux, Ran: true}); err != nil {
			t.Errorf("%s of %s under %s, once run: %v", c.target, c.op, c.rule, err)
		}
	}
}

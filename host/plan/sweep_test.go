package plan

import (
	"errors"
	"strings"
	"testing"
)

// sweepWith is a plan of one sweep, whose options and settings vary.
func sweepWith(settings, options string) []byte {
	return []byte(head + "[[profile]]\nid = \"p\"\nfamily = \"sysctl\"\nsource = \"p.sb\"\n" + settings + "\nsweep = { " + options + " }\n")
}

func TestSweep(t *testing.T) {
	p, err := Parse("plan.toml", sweepWith("", `op = "sysctl-read", match = "net.*", limit = 7`), read, Options{OS: Linux})
	if err != nil {
		t.Fatal(err)
	}
	want := Sweep{Operation: "sysctl-read", Filter: "sysctl-name", Match: "net.*", Limit: 7}
	if got := p.Profiles[0]; got.Sweep == nil || *got.Sweep != want || got.Probes == nil || len(got.Probes) != 0 {
		t.Errorf("got %+v, %+v", got.Sweep, got.Probes)
	}
	// A probe that is named is not one of a sweep.
	if _, err := Parse("plan.toml", sweepWith("", `op = "sysctl-read"`), read, Options{OS: Linux, Probes: []string{"p:1"}}); err == nil {
		t.Error("a sweep is taken for a probe of the plan")
	}
}

func TestSweepRefusals(t *testing.T) {
	const op = `op = "sysctl-read"`
	for want, src := range map[string][]byte{
		"both probes and a sweep":                        sweepWith("probes = [ "+good+" ]", op),
		`repeat in profile "p" does not go with a sweep`: sweepWith("repeat = 2", op),
		`a sweep, which is one process`:                  sweepWith(`isolation = "probe"`, op),
		`one attempt a target`:                           sweepWith(`acquire = "both"`, op),
		`unknown operation "sysctl-raed"`:                sweepWith("", `op = "sysctl-raed"`),
		`limit -1`:                                       sweepWith("", op+", limit = -1"),
		`match "[" in sweep of profile`:                  sweepWith("", op+`, match = "["`),
		`unknown key "matches"`:                          sweepWith("", op+`, matches = "x"`),
		`no op in sweep of profile "p"`:                  sweepWith("", "limit = 1"),
	} {
		_, err := Parse("plan.toml", src, read, Options{OS: Linux})
		var list ErrorList
		if !errors.As(err, &list) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot:  %v\nwant: %s", src, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		match, target string
		want          bool
	}{
		{"", "kernel.ostype", true},
		{"kernel.*", "kernel.ostype", true},
		{"kernel.*", "kernel.random.uuid", true},
		{"*.uuid", "kernel.random.uuid", true},
		{"net.*.forwarding", "net.ipv4.conf.eth0/100.forwarding", true},
		{"net.ipv4.conf.eth0/*.forwarding", "net.ipv4.conf.eth0/100.forwarding", true},
		{"kernel", "kernel.ostype", false},
		{"kernel.ostyp?", "kernel.ostype", true},
		{"net/ipv4/*", "net.ipv4.ip_forward", true}, // the other way to write it
		{"net/ipv4/conf/eth0.100/*", "net.ipv4.conf.eth0/100.forwarding", true},
		{"net/*", "network", false},
		{"pid:[0-9]", "pid:1", true},
		{"pid:[0-9]", "pid:12", false},
	} {
		if got := (&Sweep{Filter: "sysctl-name", Match: c.match}).Matches(c.target); got != c.want {
			t.Errorf("%q on %q: %t", c.match, c.target, got)
		}
	}
}

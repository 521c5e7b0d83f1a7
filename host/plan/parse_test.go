package plan

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/sb/sbpl"
)

const head = "schema = 1\nid = \"t\"\n"

// profileWith is a plan with one profile, whose probe and settings vary.
func profileWith(settings, probe string) string {
	return head + "[[profile]]\nid = \"p\"\nfamily = \"sysctl\"\nsource = \"p.sb\"\n" + settings + "\nprobes = [ " + probe + " ]\n"
}

const good = `{ id = "a", op = "sysctl-read", target = "kernel.ostype", expect = "allow" }`

func read(name string) ([]byte, error) {
	switch {
	case strings.HasSuffix(name, "bad.sb"):
		return []byte("(version 1)\n(allow"), nil
	case strings.HasSuffix(name, "w.json"):
		return []byte("{}"), nil
	case strings.HasSuffix(name, "p.sb"):
		return []byte("(version 1)\n(deny default)\n"), nil
	}
	return nil, os.ErrNotExist
}

func TestRefusals(t *testing.T) {
	probe := func(s string) string { return profileWith("", s) }
	for _, c := range []struct{ src, want string }{
		{"schema = ", "plan.toml:1:9: invalid TOML"},
		{`id = "t"`, "has no schema"},
		{"schema = 2\n", "plan.toml:1:1: unknown schema 2"},
		{head, "no [[profile]]"},
		{"idd = 1\n" + head, `plan.toml:1:1: unknown key "idd" in the plan`},
		{head + "[run]\nchannel = \"dirty\"\n", `plan.toml:4:1: unknown channel "dirty"`},
		{head + "[run]\nmtls = true\n", `plan.toml:4:1: unknown key "mtls"`},
		{head + "[run]\nworld_manifest = \"nosuch.json\"\n", `plan.toml:4:1: reading the world's manifest "nosuch.json": `},
		{head + "[plugin.x]\noptions = { a = 9007199254740993 }\n", "plan.toml:4:13: plugin.x.options.a is beyond 2^53"},
		{head + "[plugin.x]\noptions = { a = 9007199254740992.0 }\n", "plan.toml:4:13: plugin.x.options.a is beyond 2^53"},
		{strings.Replace(profileWith("", good), `"p"`, `"`+strings.Repeat("p", 241)+`"`, 1), "plan.toml:4:1: id in profile has 241 characters"},
		{strings.Replace(profileWith("", good), `"sysctl"`, `"`+strings.Repeat("s", 241)+`"`, 1), `plan.toml:5:1: family in profile "p" has 241 characters`},
		{profileWith(`repeat = 0`, good), "plan.toml:7:1: repeat 0"},
		{profileWith(`timeout = 10`, good), "must be a string"},
		{profileWith(`timeout = "0s"`, good), "above zero"},
		{profileWith(`acquire = "both"
seal = "exec"`, good), "needs seal self"},
		{profileWith("acquire = \"before\"\nseal = \"exec\"", good), "needs seal self"},
		{profileWith("repeat = 1\nseal = \"wrap\"", good), `plan.toml:8:1: seal wrap in profile "p" needs the wrapper's command, wrap: wrap = ["bwrap"`},
		{profileWith("seal = \"wrap\"\nwrap = [\"x\", \"{socket_dir}\"]", good), "has no {plugin}"},
		{profileWith("seal = \"wrap\"\nwrap = [\"x\", \"{plugin}\"]", good), "has no {socket_dir}"},
		{profileWith("seal = \"wrap\"\nwrap = [\"x\", \"{plugin}\", \"{socket_dir}\", \"{plugins}\"]", good), "unknown variable {plugins}"},
		{profileWith(`wrap = ["x"]`, good), "needs seal wrap"},
		{probe(good + ", " + good), `probe id "a"`},
		{probe(strings.Replace(good, "sysctl-read", "sysctl-raed", 1)), `unknown operation "sysctl-raed"`},
		{probe(strings.Replace(good, "allow", "alow", 1)), `unknown expect "alow"`},
		{probe(`{ id = "a", op = "signal", target = "self", expect = "deny" }`), "expect deny in probe \"a\" of profile \"p\" is for a signal to itself"},
		{probe(strings.Replace(good, "kernel.ostype", strings.Repeat("k", 2049), 1)), `target in probe "a" of profile "p" has 2049 bytes, more than 2048`},
		{probe(strings.Replace(good, `"a"`, `"`+strings.Repeat("a", 241)+`"`, 1)), `id in probe of profile "p" has 241 characters`},
		{probe(`{ id = "a", op = "signal", target = "init", expect = "deny" }`), `unknown process "init"`},
		{probe(`{ id = "a", op = "system-socket", target = "AF_NETLNK/SOCK_RAW/0", expect = "any" }`), `unknown socket-domain "AF_NETLNK"`},
		{probe(`{ id = "a", op = "system-socket", target = "16", expect = "any" }`), `unknown socket-domain "16"`},
		{probe(`{ id = "a", op = "system-socket", target = "AF_NETLINK/RAW", expect = "any" }`), `unknown socket-type "RAW"`},
		{probe(`{ id = "a", op = "system-socket", target = "AF_NETLINK/SOCK_RAW/route", expect = "any" }`), `socket protocol "route"`},
		{probe(`{ id = "a", op = "system-socket", target = "AF_NETLINK/SOCK_RAW/0/0", expect = "any" }`), `is not a socket`},
		{probe(`{ id = "a", op = "sysctl-read", filter = "path", target = "x", expect = "any" }`), `unknown filter "path"`},
		{probe(`{ id = "a", op = "network-outbound", target = "x", expect = "any" }`), `needs a filter, because it has several: use "control-name", "local", "remote", "socket-domain", "socket-protocol" or "socket-type", or one of 22 more general ones`},
		{strings.Replace(probe(good), "p.sb", "bad.sb", 1), "bad.sb"},
		{strings.Replace(probe(good), "p.sb", "none.sb", 1), `reading profile "none.sb"`},
		{strings.Replace(probe(good), `"p"`, `"../p"`, 1), "not an identifier"},
		{strings.Replace(probe(good), `"sysctl"`, `"Sysctl"`, 1), "not a family name"},
	} {
		_, err := Parse("plan.toml", []byte(c.src), read, Options{OS: Linux})
		var list ErrorList
		if !errors.As(err, &list) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot:  %v\nwant: %s", c.src, err, c.want)
		}
	}
}

func TestSkipAndSelect(t *testing.T) {
	src := []byte(profileWith("", good+`, { id = "b", op = "sysctl-read", target = { macos = "kern.ostype" }, expect = "any" }`))
	p, err := Parse("plan.toml", src, read, Options{OS: Linux})
	if err != nil {
		t.Fatal(err)
	}
	if b := p.Profiles[0].Probes; b[0].Skip || !b[1].Skip || b[0].Filter != "sysctl-name" {
		t.Errorf("probes: %+v", b)
	}
	p, err = Parse("plan.toml", src, read, Options{OS: Linux, Probes: []string{"p:b"}})
	if err != nil || len(p.Profiles[0].Probes) != 1 {
		t.Errorf("selected: %+v, %v", p, err)
	}
	if _, err = Parse("plan.toml", src, read, Options{OS: Linux, Probes: []string{"c"}}); err == nil {
		t.Error("a filter that names nothing is accepted")
	}
}

func TestWorldManifest(t *testing.T) {
	src := strings.Replace(profileWith("", good), head, head+"[run]\nworld_manifest = \"w.json\"\n", 1)
	p, err := Parse("plan.toml", []byte(src), read, Options{OS: Linux})
	if err != nil {
		t.Fatal(err)
	}
	// sha256 of "{}"
	const want = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	if m := p.WorldManifest; m == nil || m.Digest != want || !strings.Contains(string(p.Resolved()), want) {
		t.Errorf("manifest %+v", m)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(profileWith("", good)))
	f.Fuzz(func(t *testing.T, src []byte) {
		if p, err := Parse("plan.toml", src, read, Options{OS: Linux}); err == nil {
			p.Resolved()
		}
	})
}

// TestLinuxFamilies: a plan for Linux takes a profile that names a family which
// only Linux has; one for macOS refuses it, as the system would.
func TestLinuxFamilies(t *testing.T) {
	netlink := func(name string) ([]byte, error) {
		return []byte("(version 1)(deny default)(allow system-socket (socket-domain AF_NETLINK))"), nil
	}
	src := []byte(profileWith("", `{ id = "a", op = "system-socket", target = "AF_NETLINK/SOCK_RAW/0", expect = "allow" }`))
	p, err := Parse("plan.toml", src, netlink, Options{OS: Linux})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Profiles[0].Probes[0]; got.Filter != "socket-domain" {
		t.Errorf("the filter is %q", got.Filter)
	}
	if _, err := Parse("plan.toml", src, netlink, Options{OS: MacOS}); err == nil || !strings.Contains(err.Error(), "AF_NETLINK") {
		t.Errorf("for macOS: %v", err)
	}
}

// TestProfilesTogether: profiles of one text count once, and what is not run does not
// count.
func TestProfilesTogether(t *testing.T) {
	text := head
	for _, name := range []string{"a", "b", "c"} {
		text += "[[profile]]\nid = \"" + name + "\"\nfamily = \"sysctl\"\nsource = \"p.sb\"\nparams = { N = \"" + strings.Replace(name, "b", "a", 1) + "\" }\nprobes = [ " + good + " ]\n"
	}
	one, err := Parse("plan.toml", []byte(text), read, Options{Profiles: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func(most sbpl.Effort) { Most = most }(Most)
	Most.Steps = one.Profiles[0].took.Steps + 1
	for _, c := range []struct {
		profiles []string
		refused  bool
	}{{[]string{"a"}, false}, {[]string{"a", "b"}, false}, {[]string{"a", "c"}, true}, {nil, true}} {
		_, err := Parse("plan.toml", []byte(text), read, Options{Profiles: c.profiles})
		if refused := err != nil && strings.HasPrefix(err.Error(), "plan.toml: the profiles take too much to be compiled together"); refused != c.refused {
			t.Errorf("%v: %v", c.profiles, err)
		}
	}
}

// TestRanOnce: the plan of a bundle may have names from before they were bounded.
func TestRanOnce(t *testing.T) {
	text := strings.NewReplacer(`"p"`, `"`+strings.Repeat("p", 250)+`"`, `"a"`, `"`+strings.Repeat("a", 300)+`"`, "kernel.ostype", strings.Repeat("k", 3000)).Replace(profileWith("", good))
	for ran, refused := range map[bool]bool{true: false, false: true} {
		if _, err := Parse("plan.toml", []byte(text), read, Options{Ran: ran}); (err != nil) != refused {
			t.Errorf("ran %v: %v", ran, err)
		}
	}
}

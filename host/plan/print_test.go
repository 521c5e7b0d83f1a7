package plan

import (
	"bytes"
	"reflect"
	"testing"
)

// settings is a plan that has every key with another value than the default.
const settings = `schema = 1
id = "t"
world = "w"
[run]
out = "elsewhere"
channel = "direct"
bus = "user"
plugin_dir = "plugins"
world_manifest = "w.json"
[plugin.sysctl]
path = "bin/hrhost-probe-sysctl"
sha256 = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
options = { n = -3, f = 0.5, zero = -0.0, small = 1e-7, list = [ 1, "a\u0001", [], [ true ] ], tables = [ {}, { "a.b" = "" } ], empty = {} }
[[profile]]
id = "p"
family = "sysctl"
source = "p.sb"
acquire = "both"
isolation = "probe"
repeat = 3
timeout = "1m0.5s"
params = { A = "", B = "b", "C \"c\"" = { macos = "\u0000" }, D = { linux = "l", macos = "m" } }
probes = [
  { id = "a", op = "sysctl-read", target = "kernel/ostype", expect = "deny", absent = true, expect_before = "refused" },
  { id = "b", op = "sysctl-read", target = { macos = "kern/ostype" }, expect = "any", platforms = ["macos"] },
  { id = "c", op = "sysctl-read", target = { macos = "kern.ostype", linux = "kernel.ostype" }, expect = "any", platforms = [] },
  { id = "d", op = "system-socket", filter = "socket-type", target = "SOCK_RAW", expect = "any" },
]
[[profile]]
id = "q"
family = "net"
source = "sub/p.sb"
seal = "wrap"
wrap = ["x", "{plugin}", "{socket_dir}"]
probes = [ { id = "a", op = "file-read-data", target = "/a\\b\"\n", expect = "any" } ]
[[profile]]
id = "r"
family = "sysctl"
source = "/p.sb"
seal = "exec"
sweep = { op = "sysctl-read", match = "net.*", limit = 7 }
`

// unplaced removes from a plan its text, the lines in it, and compiled policies, which
// follow from the rest.
func unplaced(p Plan) Plan {
	p.Source, p.Digest = nil, ""
	p.Profiles = append([]Profile(nil), p.Profiles...)
	for i := range p.Profiles {
		pr := &p.Profiles[i]
		pr.Line, pr.Policy, pr.Probes = 0, nil, append([]Probe{}, pr.Probes...)
		for j := range pr.Probes {
			pr.Probes[j].Line = 0
		}
	}
	return p
}

// printed checks that a plan is that of its print.
func printed(t *testing.T, p *Plan, o Options) {
	t.Helper()
	text := Print(p)
	again, err := Parse(p.Path, text, read, o)
	if err != nil {
		t.Fatalf("%v\n%s\nprinted:\n%s", err, p.Source, text)
	}
	a, b := reflect.ValueOf(unplaced(*p)), reflect.ValueOf(unplaced(*again))
	for i := range a.NumField() {
		if a, b := a.Field(i).Interface(), b.Field(i).Interface(); !reflect.DeepEqual(a, b) {
			t.Errorf("%+v\nis printed as\n%+v\nin\n%s\n%s", a, b, p.Source, text)
		}
	}
	if next := Print(again); !bytes.Equal(next, text) {
		t.Errorf("first\n%s\nthen\n%s", text, next)
	}
}

func TestPrint(t *testing.T) {
	for _, path := range []string{"plan.toml", "/etc/plan.toml", "sub/../../plan.toml", ""} {
		for _, os := range systems {
			for _, o := range []Options{{OS: os}, {OS: os, Ran: true, AsWritten: true}, {OS: os, Families: []string{"sysctl"}}} {
				p, err := Parse(path, []byte(settings), read, o)
				if err != nil {
					t.Fatal(err)
				}
				o.Families = nil
				printed(t, p, o)
			}
		}
	}
}

// TestPrintIsCanonical: one meaning has one text.
func TestPrintIsCanonical(t *testing.T) {
	const want = `schema = 1
id = "t"

[[profile]]
id = "p"
family = "sysctl"
source = "p.sb"

[[profile.probes]]
id = "a"
op = "sysctl-read"
filter = "sysctl-name"
target = "kernel.ostype"
expect = "allow"
`
	for _, src := range []string{
		profileWith("", good),
		profileWith(`repeat = 1
seal = "self"
timeout = "10000ms"
params = {}`, `{ id = "a", op = "sysctl-read", filter = "sysctl-name", target = { linux = "kernel/ostype", macos = "kernel.ostype" }, expect = "allow" }`) +
			"[run]\nout = \"./out\"\nchannel = \"clean\"\n[plugin.sysctl]\n",
	} {
		for _, path := range []string{"plan.toml", "/d/plan.toml", ""} {
			p, err := Parse(path, []byte(src), read, Options{OS: Linux})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(Print(p)); got != want {
				t.Errorf("%s\nis printed as\n%s", src, got)
			}
		}
	}
}

// FuzzPrint: Parse of Print is the plan that was printed.
func FuzzPrint(f *testing.F) {
	for _, src := range []string{settings, profileWith("", good), string(sweepWith("", `op = "sysctl-read"`))} {
		f.Add([]byte(src), true)
		f.Add([]byte(src), false)
	}
	f.Fuzz(func(t *testing.T, src []byte, linux bool) {
		o := Options{OS: MacOS}
		if linux {
			o.OS = Linux
		}
		if p, err := Parse("/d/plan.toml", src, read, o); err == nil {
			printed(t, p, o)
		}
	})
}

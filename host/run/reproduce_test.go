package run

import (
	"testing"

	"github.com/hrhost/hrhost/host/plan"
)

func TestAgain(t *testing.T) {
	a := Asked{Source: "/a b/p.sb", Seal: "exec", Params: map[string]string{"Z": "1", "A": "it's"}}
	if got, want := ReproduceTry(a, "signal", "child"), `hrhost try -D 'A=it'\''s' -D Z=1 --seal exec '/a b/p.sb' signal child`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := ReproduceTry(Asked{Source: "p.sb"}, "process-info*", "-1"), `hrhost try -- p.sb 'process-info*' -1`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := ReproduceSweep(Asked{Source: "p.sb", Seal: "self"}, "sysctl-read", "net.a/[x]*"),
		`hrhost sweep --profile p.sb --operation sysctl-read --match 'net.a/\[x]\*'`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestLiteral: the pattern for a target fits it and nothing like it.
func TestLiteral(t *testing.T) {
	for _, target := range []string{"kernel.ostype", "a*", "a?", "[ab]", `a\*`, "a/b", "^["} {
		s := plan.Sweep{Match: literal(target)}
		if !s.Matches(target) {
			t.Errorf("%s does not fit %q", s.Match, target)
		}
		for _, other := range []string{"ab", "a", "b", "a/bc", `a\`, "abc"} {
			if other != target && s.Matches(other) {
				t.Errorf("%s fits %q", s.Match, other)
			}
		}
	}
}

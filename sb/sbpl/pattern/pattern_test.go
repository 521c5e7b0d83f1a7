package pattern

import (
	"fmt"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"", []string{"", "x"}, nil},
		{"b", []string{"abc", "b"}, []string{"", "ac"}},
		{"^/a$", []string{"/a"}, []string{"/ab", "x/a", ""}},
		{"^$", []string{""}, []string{"x"}},
		{"$", []string{"", "x"}, nil},
		{"^/x(/|$)", []string{"/x", "/x/", "/x/y"}, []string{"/xy", "z/x"}},
		{"($|/)z", []string{"/z"}, []string{"z"}},
		{"^.$", []string{"\n", "\xff"}, []string{"é", ""}}, // bytes
		{`[^\.]x`, []string{"ax"}, []string{`\x`, ".x"}},
		{`a\.b\/c\ d\!`, []string{"a.b/c d!"}, []string{"axb/c d!"}},
		{"^[0-9A-F]{8}-", []string{"DEADBEEF-"}, []string{"DEADBEE-"}},
		{"^a{2,3}$", []string{"aa", "aaa"}, []string{"a", "aaaa"}},
		{"[]a]", []string{"]", "a"}, []string{"b"}},
		{"[^]a]", []string{"b"}, []string{"]", "a"}},
		{"[a^-]", []string{"^", "-", "a"}, []string{"b"}},
		{"é", []string{"café"}, []string{"cafe"}},
		{"^(a|b)*c$", []string{"c", "ababc"}, []string{"abab"}},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		for i, v := range append(append([]string{}, c.yes...), c.no...) {
			if want := i < len(c.yes); p.Match(v) != want || p.MatchSlowly(v) != want {
				t.Errorf("%q on %q: %v and %v, want %v", c.pattern, v, p.Match(v), p.MatchSlowly(v), want)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		"(?i)^x": "flags", "a^b": "unexpected ^ operator in middle", "(^a)": "unexpected ^ operator",
		"a*?": "two quantifiers", "a++": "two quantifiers", "a{2}?": "two quantifiers", `\d`: "not known", `a\`: "trailing backslash",
		"[a": "missing ]", "(a": "missing closing )", "*a": "missing argument", "a{2,1}": "invalid repeat", "[b-a]": "invalid character class range",
		"a{1001}": "invalid repeat", strings.Repeat("a", maxLen+1): "longer than",
	} {
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want an error with %q", pattern, err, want)
		}
	}
}

// TestDoubt: what a backslash and a letter in brackets mean nobody measured.
func TestDoubt(t *testing.T) {
	p, err := Compile(`^[-\w.]+$`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Doubt() == nil || p.Match("ab") || !p.Doubt().Match("ab") || !p.Match(`\w`) || p.Doubt().Match(`\w`) {
		t.Error("the two readings of a backslash and a letter in brackets are not told apart")
	}
}

func TestSetFirst(t *testing.T) {
	var ps []*Pattern
	for _, s := range []string{"x$", "^/a/", "b", "^$"} {
		p, err := Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	s := NewSet(ps)
	for v, want := range map[string]int{"/a/x": 0, "/a/b": 1, "ab": 2, "": 3, "q": -1} {
		if got := s.First(v, nil); got != want {
			t.Errorf("%q: pattern %d, want %d", v, got, want)
		}
	}
}

// TestTooManyStates: a pattern whose automaton would double with every place
// still answers, and as the other matcher does.
func TestTooManyStates(t *testing.T) {
	p, err := Compile("a" + strings.Repeat(".", 20) + "$")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4000 {
		v := strings.NewReplacer("0", "a").Replace(fmt.Sprintf("%032b", i*2654435761))
		if p.Match(v) != p.MatchSlowly(v) {
			t.Fatalf("%q: the matchers differ", v)
		}
	}
	if n := len(p.single().states); n < maxStates {
		t.Errorf("%d states: the test does not reach the bound of %d", n, maxStates)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`^/private/var/(tmp|db)/[^/]+\.plist$`, "/private/var/tmp/x.plist")
	f.Add("[^a]{2,}$", "\xff\n")
	f.Add("a|^b|$", "")
	f.Fuzz(func(t *testing.T, pattern, value string) {
		if len(pattern) > 200 || len(value) > 1000 {
			return
		}
		p, err := Compile(pattern)
		if err != nil {
			return
		}
		if p.Match(value) != p.MatchSlowly(value) {
			t.Fatalf("%q on %q: %v, the other matcher %v", pattern, value, p.Match(value), p.MatchSlowly(value))
		}
		if p.single().simulate(value, nil) != p.single().First(value, nil) {
			t.Fatalf("%q on %q: with and without states differ", pattern, value)
		}
	})
}

package text

import "testing"

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"a", "a"}, {"a\nb", "a; b"}, {"a\r\n\n  b\n", "a; b"}, {"\n", ""}, {"a\tb", "a\tb"},
	} {
		if got := OneLine(c.in); got != c.want {
			t.Errorf("OneLine(%q) is %q, want %q", c.in, got, c.want)
		}
	}
}

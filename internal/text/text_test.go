package text

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestSinks: one text for each kind of character that does something other than be
// seen, as each sink shows it.
func TestSinks(t *testing.T) {
	for _, c := range []struct{ name, in, visible, terminal string }{
		{"plain", `a "b" \c ä 日本`, `a "b" \c ä 日本`, `a "b" \c ä 日本`},
		{"tab", "a\tb", `a\tb`, "a\tb"},
		{"line ends", "a\r\nb", `a\r\nb`, `a\r\nb`},
		{"escape", "\x1b[2J", `\x1b[2J`, `\x1b[2J`},
		{"delete", "a\x7f", `a\x7f`, `a\x7f`},
		{"CSI in one character", "a\u009b2J", `a\u009b2J`, `a\u009b2J`},
		{"bidi", "a\u202eb\u2066c", `a\u202eb\u2066c`, `a\u202eb\u2066c`},
		{"no width", "a\u200bb\ufeffc", `a\u200bb\ufeffc`, `a\u200bb\ufeffc`},
		{"no UTF-8", "a\xffb\xc3", `a\xffb\xc3`, `a\xffb\xc3`},
		{"replacement character", "a\ufffdb", `a\ufffdb`, `a\ufffdb`},
		{"tag characters", "a\U000e0041b", `a\U000e0041b`, `a\U000e0041b`},
	} {
		if got := Visible(c.in); got != c.visible {
			t.Errorf("%s: Visible: %q, want %q", c.name, got, c.visible)
		}
		if got := Terminal(c.in); got != c.terminal {
			t.Errorf("%s: Terminal: %q, want %q", c.name, got, c.terminal)
		}
	}
}

// FuzzSinks: no sink lets a hidden character through, and JSON keeps its value.
func FuzzSinks(f *testing.F) {
	for _, s := range []string{"", "a\tb\n", "\u009b\u202e\x7f", "a\xff\ufffd", "\U000e0041<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Visible(s) {
			if hidden(r) {
				t.Fatalf("Visible(%q) has %q", s, r)
			}
		}
		for _, r := range Terminal(s) {
			if r != '\t' && hidden(r) {
				t.Fatalf("Terminal(%q) has %q", s, r)
			}
		}
		plain, err := json.MarshalIndent(map[string]string{"k": s}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		safe := JSON(plain)
		for _, r := range string(safe) {
			if r != '\n' && r != utf8.RuneError && hidden(r) {
				t.Fatalf("JSON(%q) has %q", plain, r)
			}
		}
		var a, b map[string]string
		if json.Unmarshal(plain, &a) != nil || json.Unmarshal(safe, &b) != nil || a["k"] != b["k"] {
			t.Fatalf("JSON(%q) is %q", plain, safe)
		}
	})
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		in           string
		most         int
		clip, column string
	}{
		{"abc", 3, "abc", "abc"},
		{"abcd", 3, "abc...", "a.."},
		{"äöü", 3, "ä...", "äöü"},
		{"äöüß", 3, "ä...", "ä.."},
		{"a\xff\xffbc", 2, "a...", ".."},
		{"", 0, "", ""},
		{"ab", 1, "a...", ".."},
	} {
		if got := Clip(c.in, c.most); got != c.clip {
			t.Errorf("Clip(%q, %d) is %q, want %q", c.in, c.most, got, c.clip)
		}
		if got := Column(c.in, c.most); got != c.column {
			t.Errorf("Column(%q, %d) is %q, want %q", c.in, c.most, got, c.column)
		}
	}
}

func TestDigest(t *testing.T) {
	digest := "sha256:0123456789ab" + strings.Repeat("f", 52)
	for in, want := range map[string]string{
		digest: "0123456789ab", digest[1:]: digest[1:], digest + "f": digest + "f", "": "",
	} {
		if got := Digest(in); got != want {
			t.Errorf("Digest(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestBrief(t *testing.T) {
	long := strings.Repeat("x", maxBrief)
	for in, want := range map[string]string{long: long, long + "y": long + "...", "": ""} {
		if got := Brief(in); got != want {
			t.Errorf("Brief of %d bytes is %q", len(in), got)
		}
	}
}

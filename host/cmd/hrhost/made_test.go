package main

import (
	"os"
	"testing"

	parser "github.com/BurntSushi/toml"
)

// What a made plan says is what the command line said, byte for byte, or the
// plan is refused.
func TestMadePlanKeepsArguments(t *testing.T) {
	for _, s := range []string{"", `a"b\c`, "\x00\a\b\x1b\x7f", "tab\tline\nend", "ä\u2028€", `\u0041`} {
		var got struct{ V string }
		if _, err := parser.Decode("V = "+toml(s), &got); err != nil || got.V != s {
			t.Errorf("%q became %q: %v", s, got.V, err)
		}
	}
	if _, err := writeMade(t.TempDir(), "V = "+toml("a\xffb")); err == nil {
		t.Error("bytes that are no UTF-8 were written")
	}
	path, err := writeMade(t.TempDir(), "V = "+toml("ä"))
	if text, _ := os.ReadFile(path); err != nil || string(text) != `V = "ä"` {
		t.Errorf("%q, %v", text, err)
	}
}

// The same flags make the same plan: its digest is in every row.
func TestSweepPlanIsTheSame(t *testing.T) {
	f := sweepFlags{profile: "p.sb", operation: "sysctl-read", filter: "sysctl-name", match: "net.*", seal: "self", bus: "private"}
	first, err := sweepPlan(f)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if again, err := sweepPlan(f); err != nil || again != first {
			t.Fatalf("%v:\n%s\n%s", err, first, again)
		}
	}
}

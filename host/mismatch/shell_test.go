package mismatch

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestShell(t *testing.T) {
	for want, words := range map[string][]string{
		"hrhost run a/b.toml --probe=x": {"hrhost", "run", "a/b.toml", "--probe=x"},
		`'it'\''s' '' 'a b'`:            {"it's", "", "a b"},
		`'process-info*' '=x' '~'`:      {"process-info*", "=x", "~"},
	} {
		if got := Shell(words...); got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	}
}

// FuzzShell asks a real shell.
func FuzzShell(f *testing.F) {
	for _, s := range []string{"", "kernel.ostype", "it's", "a b", "$(id)", "`id`", "*", "~", "#", "a\nb\n", `\`, "-x", "'", "\xff", "{a,b}", "!!", "x=y"} {
		f.Add(s, "end")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsRune(a+b, 0) {
			t.Skip("no word holds it")
		}
		out, err := exec.Command("sh", "-c", `printf '%s\0' `+Shell(a, b)).Output()
		if got := strings.Split(string(out), "\x00"); err != nil || !slices.Equal(got, []string{a, b, ""}) {
			t.Errorf("%q and %q as %s: %q, %v", a, b, Shell(a, b), got, err)
		}
	})
}

// TestCommand: a plan whose name looks like a flag is still a plan.
func TestCommand(t *testing.T) {
	for want, c := range map[string][3]string{
		"hrhost run --profile p --probe x":           {"", "p", "x"},
		"hrhost run ./-q.toml --profile p --probe x": {"-q.toml", "p", "x"},
		"hrhost run 'a b' --profile p --probe 'x y'": {"a b", "p", "x y"},
	} {
		if got := Command(c[0], c[1], c[2]); got != want {
			t.Errorf("%q: %s, want %s", c, got, want)
		}
	}
}

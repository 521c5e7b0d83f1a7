package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/needs"
)

// TestPluginsPage runs every command of docs/plugins.md that has a prompt, from
// an empty directory, without a network and as if the SDK were not released, and
// wants the output that the page shows. In it, "..." stands for any lines, and
// times, pids, digests and names of runs are not compared.
func TestPluginsPage(t *testing.T) {
	bin := buildPrograms(t)
	if !needs.Required(needs.Seal) && !sealable(bin)() {
		needs.Missing(t, needs.Seal, "no policy can be put over a process here")
	}
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, "no dbus-daemon")
	}
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(top, "docs/plugins.md"))
	if err != nil {
		t.Fatal(err)
	}
	steps := stepsOf(string(page))
	if len(steps) < 8 {
		t.Fatalf("%d commands on the page", len(steps))
	}
	dir := t.TempDir()
	env := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "SRC="+top,
		"GOFLAGS=-mod=mod -ldflags=-w", "GOPROXY=off", "HRHOST=", "HRHOST_REQUIRE=hrhost,linux-seal", "NO_COLOR=1")
	for _, s := range steps {
		if to, ok := strings.CutPrefix(s.command, "cd "); ok {
			dir = filepath.Join(dir, to)
			continue
		}
		cmd := exec.Command("sh", "-c", s.command)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", s.command, err, out)
		}
		if why := differs(masked(s.output), masked(string(out))); why != "" {
			t.Errorf("$ %s\n%s\nit printed\n%s", s.command, why, out)
		}
	}
}

// step is a command of a page with the output that is shown.
type step struct{ command, output string }

// stepsOf finds the commands: indented lines that begin with "$ ".
func stepsOf(page string) (list []step) {
	for line := range strings.Lines(page) {
		text, indented := strings.CutPrefix(line, "    ")
		command, prompt := strings.CutPrefix(text, "$ ")
		switch {
		case indented && prompt:
			list = append(list, step{command: strings.TrimSpace(command)})
		case indented && len(list) > 0:
			list[len(list)-1].output += text
		case strings.TrimSpace(line) != "":
			list = append(list, step{command: "true"}) // ends the last output
		}
	}
	return list
}

var unsteady = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d+(\.\d+)? ?(ms|s|ns|µs|us)\b`), "TIME"},
	{regexp.MustCompile(`pid:?\s?\d+`), "PID"},
	{regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{4}`), "RUN"},
	{regexp.MustCompile(`linux-\S+-(amd64|arm64)`), "WORLD"},
	{regexp.MustCompile(`open: 0 .*`), "DESCRIPTORS"},
	{regexp.MustCompile(`/\S*/(\w+\.sb)`), "$1"},
	{regexp.MustCompile(`not promotable: .*|promotable$`), "PROMOTABLE"},
	{regexp.MustCompile(`"#\d.*?"`), "VERSION"},
	{regexp.MustCompile(`"\d+ \(.*?"`), "STAT"},
	{regexp.MustCompile(`\d+ more mediated calls`), "MORE"},
	{regexp.MustCompile(` +`), " "},
}

func masked(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for _, u := range unsteady {
			line = u.pattern.ReplaceAllString(line, u.instead)
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

// differs says where the lines stop being those of the page, "" when they are.
func differs(page, got []string) string {
	at, skip := 0, false
	for _, want := range page {
		if want == "" {
			continue
		}
		if want == "..." {
			skip = true
			continue
		}
		for at < len(got) && (got[at] == "" || skip && got[at] != want) {
			at++
		}
		if at == len(got) || got[at] != want {
			return fmt.Sprintf("the page has %q", want)
		}
		at, skip = at+1, false
	}
	for ; at < len(got) && !skip; at++ {
		if got[at] != "" {
			return fmt.Sprintf("the page does not have %q", got[at])
		}
	}
	return ""
}

func TestDiffers(t *testing.T) {
	for _, c := range []struct {
		page, got string
		same      bool
	}{
		{"a\nb\n", "a\nb\n", true}, {"a\n", "a\nb\n", false}, {"a\nb\n", "a\n", false}, {"a\n...\n", "a\nb\n", true},
		{"a\n...\nc\n", "a\nb\nc\n", true}, {"a\n...\nc\n", "a\nb\n", false}, {"", "a\n", false}, {"0.2 s\n", "13.00 s\n", true},
	} {
		if got := differs(masked(c.page), masked(c.got)); (got == "") != c.same {
			t.Errorf("%q and %q: %q", c.page, c.got, got)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// fenced is a fenced block of a page: its language, the file that it is, "" for
// none, and its text.
var fenced = regexp.MustCompile("(?ms)^```(\\w+)(?: (\\S+))?\n(.*?)^```$")

// extract is the script command `extract PAGE`: it writes the files that a page
// of docs holds.
func extract(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: extract PAGE")
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", args[0]))
	ts.Check(err)
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		if m[2] == "" {
			continue
		}
		path := ts.MkAbs(m[2])
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		ts.Check(os.WriteFile(path, []byte(m[3]), 0o644))
	}
}

// TestCIPage: what docs/ci.md shows is run by the script, and its workflow is
// as right as our own.
func TestCIPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/ci.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files, commands := 0, 0
	for _, m := range fenced.FindAllStringSubmatch(string(page), -1) {
		switch {
		case m[1] == "sh":
			for line := range strings.Lines(m[3]) {
				commands++
				if !strings.Contains(string(script), "exec "+line) {
					t.Errorf("no script runs %s", line)
				}
			}
		case m[1] == "yaml":
			w, err := parseWorkflow([]byte(m[3]))
			if err != nil {
				t.Fatal(err)
			}
			w.check(t)
			for _, s := range w.Jobs["guard"].Steps {
				if s.ID != "" && !strings.Contains(string(script), "guard "+s.ID+"\n") {
					t.Errorf("no script runs the step %s", s.ID)
				}
			}
		}
		if m[2] != "" {
			files++
		}
	}
	if files != 3 || commands != 4 {
		t.Errorf("the page has %d files and %d commands: has its form changed?", files, commands)
	}
}

package clean

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

func TestPlist(t *testing.T) {
	j := &job{
		Label: "org.hrhost.run.4242", Program: "/Users/a & b/bin/hrhost", Verb: "worker", Dir: "/private/tmp/plans <1>",
		Stdout: "/private/tmp/hrhost.1/out", Stderr: "/private/tmp/hrhost.1/err", Result: "/private/tmp/hrhost.1/status",
		Env: map[string]string{"TMPDIR": "/private/tmp/hrhost.1", "HOME": "/Users/a & b"},
	}
	for name, background := range map[string]bool{"gui": false, "user": true} {
		j.Background = background
		got := j.plist()
		golden := filepath.Join("testdata", name+".plist")
		if *update {
			os.MkdirAll("testdata", 0o755)
			os.WriteFile(golden, []byte(got), 0o644)
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(want) != got {
			t.Errorf("%s, %v:\n%s", name, err, got)
		}
		d := xml.NewDecoder(strings.NewReader(got))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is not XML: %v", name, err)
			}
		}
	}
}

// TestScript: the status is the worker's, and it is there only once it is whole.
func TestScript(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "a b")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	result := filepath.Join(dir, "sta tus")
	if out, err := exec.Command("/bin/sh", "-c", script, program, "worker", result).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(result)
	if code, ok := status(string(text)); err != nil || !ok || code != 3 {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Stat(result + ".part"); err == nil {
		t.Error("the half-written file is still there")
	}
}

func TestStatus(t *testing.T) {
	for text, want := range map[string]int{"0\n": 0, "3\n": 3, "143\n": 143, "": -1, "x\n": -1, "-1\n": -1, "256\n": -1} {
		code, ok := status(text)
		if ok != (want >= 0) || ok && code != want {
			t.Errorf("%q: %d, %v", text, code, ok)
		}
	}
}

func TestDomain(t *testing.T) {
	if domain(501, true) != "gui/501" || domain(501, false) != "user/501" {
		t.Error(domain(501, true), domain(501, false))
	}
	for out, want := range map[string]string{
		"Bootstrap failed: 5: Input/output error":      "no session",
		"Bootstrap failed: 1: Operation not permitted": "may not start",
		"Could not find domain":                        "",
	} {
		if got := explainBootstrap(out, false); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q", out, got)
		}
	}
	if !strings.Contains(explainBootstrap("Bootstrap failed: 5: Input/output error", true), "inside a sandbox") {
		t.Error("a sandbox explains every failure")
	}
}

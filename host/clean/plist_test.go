package clean

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlist(t *testing.T) {
	j := &job{
		Label: "org.hrhost.run.4242", Program: "/Users/a & b/bin/hrhost", Verb: "worker", Dir: "/private/tmp/hrhost.1",
		Stdout: "/private/tmp/hrhost.1/out", Stderr: "/private/tmp/hrhost.1/err", Result: "/private/tmp/hrhost.1/status",
		Life: "/private/tmp/hrhost.1/life", Launchctl: "/bin/launchctl", Target: "gui/501/org.hrhost.run.4242",
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

func TestDomain(t *testing.T) {
	if domain(501, true) != "gui/501" || domain(501, false) != "user/501" {
		t.Error(domain(501, true), domain(501, false))
	}
}

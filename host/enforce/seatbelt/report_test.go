package seatbelt

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseReport(t *testing.T) {
	for text, want := range map[string]Report{
		"Sandbox: cat(22304) deny(1) file-read-data /private/tmp/a b/.env": {
			Policy: "Sandbox", Process: "cat", PID: 22304, Denied: true, Code: 1, Operation: "file-read-data", Target: "/private/tmp/a b/.env"},
		"Sandbox: hrhost-probe-sysctl(41) deny(1) sysctl-read kern.bootargs": {
			Policy: "Sandbox", Process: "hrhost-probe-sysctl", PID: 41, Denied: true, Code: 1, Operation: "sysctl-read", Target: "kern.bootargs"},
		"Sandbox: com.example (helper)(99) deny(1) signal": {
			Policy: "Sandbox", Process: "com.example (helper)", PID: 99, Denied: true, Code: 1, Operation: "signal"},
		"Sandbox: zsh(95877) allow file-read-data /bin/zsh": {
			Policy: "Sandbox", Process: "zsh", PID: 95877, Operation: "file-read-data", Target: "/bin/zsh"},
		"3 duplicate reports for Sandbox: node(7) deny(1) network-outbound remote:*:443": {
			Duplicates: 3, Policy: "Sandbox", Process: "node", PID: 7, Denied: true, Code: 1, Operation: "network-outbound", Target: "remote:*:443"},
		"1 duplicate report for Sandbox: a(5) deny(2) process-exec* /bin/ls\nrun-7": {
			Duplicates: 1, Policy: "Sandbox", Process: "a", PID: 5, Denied: true, Code: 2, Operation: "process-exec*", Target: "/bin/ls", Message: "run-7"},
		"Sandbox: a(5) deny(1) file-read-data /very/lo<…>": {
			Policy: "Sandbox", Process: "a", PID: 5, Denied: true, Code: 1, Operation: "file-read-data", Target: "/very/lo", Cut: true},
		"Sandbox: a(5) deny(1) mach-lookup com.x\nta<…>": {
			Policy: "Sandbox", Process: "a", PID: 5, Denied: true, Code: 1, Operation: "mach-lookup", Target: "com.x", Message: "ta", Cut: true},
		"System Policy: a(5) deny(1) file-write-data /System/x": {
			Policy: "System Policy", Process: "a", PID: 5, Denied: true, Code: 1, Operation: "file-write-data", Target: "/System/x"},
	} {
		got, err := ParseReport(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
	}
}

func TestParseReportRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"":                                errNoReport,
		"Sandbox: ":                       errNoReport,
		"Sandbox: cat(12)":                errNoReport,
		"sandbox: cat(12) deny(1) signal": errNoReport,
		"Sandbox: (12) deny(1) signal":    errNoReport,
		"Sandbox: cat(0) deny(1) signal":  errNoReport,
		"Sandbox: cat(12) deny(1) Signal": errNoReport,
		"Sandbox: cat(12) deny() signal":  errNoReport,
		"Sandbox: cat(99999999999999999999) deny(1) signal":          errNoReport,
		"0 duplicate reports for Sandbox: cat(12) deny(1) signal":    errNoReport,
		"Sandbox: a(1) deny(1) signal (2) deny(1) signal others":     errAmbiguous,
		"Sandbox: a(1) allow mach-lookup x(2) deny(1) mach-lookup y": errAmbiguous,
		"forbidden-sandbox-reinit":                                   errNoReport,
	} {
		if _, err := ParseReport(text); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseSubject(t *testing.T) {
	for text, want := range map[string]Subject{
		"others [Safari(5085)] signum:15":     {"others", "Safari", 5085, 15},
		"initproc signum:15":                  {"initproc", "", 0, 15},
		"self":                                {"self", "", 0, 0},
		"others [SpringBoard(12115)]":         {"others", "SpringBoard", 12115, 0},
		"children [a [b](c)(9)(10)] signum:2": {"children", "a [b](c)(9)", 10, 2},
	} {
		if got, ok := ParseSubject(text); !ok || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "kern.bootargs", "/bin/ls", "others [Safari(x)]", "com.apple.x"} {
		if got, ok := ParseSubject(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// FuzzParseReport: what was read can be written again, and reads the same.
func FuzzParseReport(f *testing.F) {
	for _, seed := range []string{
		"Sandbox: cat(22304) deny(1) file-read-data /private/tmp/a b/.env",
		"3 duplicate reports for Sandbox: node(7) deny(1) signal others [a(1)] signum:9",
		"Sandbox: zsh(9) allow file-read-data /x\nmessage", "Sandbox: a(5) deny(1) x /y<…>",
		"Sandbox: a(1) deny(1) signal (2) deny(1) signal",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseReport(text)
		if err != nil {
			return
		}
		if r.PID <= 0 || r.Process == "" || r.Operation == "" || strings.Contains(r.Target, "\n") {
			t.Fatalf("%q: %+v", text, r)
		}
		again, err := ParseReport(r.String())
		if d := cmp.Diff(r, again); err != nil || d != "" {
			t.Fatalf("%q, %v (-first +second):\n%s", r.String(), err, d)
		}
	})
}

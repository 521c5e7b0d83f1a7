package seatbelt

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// TestParseRecords reads a stream of every kind of line and holds the result
// against a golden file.
func TestParseRecords(t *testing.T) {
	in, err := os.Open("testdata/stream.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var got strings.Builder
	out := json.NewEncoder(&got)
	out.SetEscapeHTML(false)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		rec, err := ParseRecord(lines.Bytes())
		if err != nil {
			rec.Why = "error: " + err.Error()
		}
		out.Encode(rec)
	}
	const golden = "testdata/stream.golden"
	if *update {
		os.WriteFile(golden, []byte(got.String()), 0o644)
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != got.String() {
		t.Errorf("%v; got:\n%s", err, got.String())
	}
}

// TestForged changes one thing at a time in a record of the kernel's.
func TestForged(t *testing.T) {
	const real = `{"eventType":"logEvent","eventMessage":"Sandbox: a(5) deny(1) signal","processImagePath":"\/kernel","processID":0,` +
		`"senderImagePath":"\/System\/Library\/Extensions\/Sandbox.kext\/Contents\/MacOS\/Sandbox","timestamp":"2026-03-06 13:30:09.202323+0800"}`
	rec, err := ParseRecord([]byte(real))
	if err != nil || rec.Kind != KindReport || !rec.Time.Equal(time.Date(2026, 3, 6, 5, 30, 9, 202323000, time.UTC)) {
		t.Fatalf("%+v, %v", rec, err)
	}
	for old, forged := range map[string]string{
		`"logEvent"`:           `"userActionEvent"`,
		`"\/kernel"`:           `"\/tmp\/kernel"`,
		`"processID":0`:        `"processID":42`,
		`,"processID":0`:       ``,
		`"\/System\/Library\/`: `"\/tmp\/`,
		`MacOS\/Sandbox"`:      `MacOS\/Sandbox2"`,
	} {
		text := strings.Replace(real, old, forged, 1)
		if text == real {
			t.Fatalf("%s is not there", old)
		}
		if rec, err := ParseRecord([]byte(text)); err != nil || rec.Kind != KindForged || rec.Why == "" {
			t.Errorf("%s: %+v, %v", forged, rec, err)
		}
	}
}

func TestExplainLog(t *testing.T) {
	for text, want := range map[string]string{
		"log: Cannot run while sandboxed":            "sandbox",
		"log: Must be admin to run 'stream' command": "admin",
	} {
		if got := ExplainLog(text, 64); !strings.Contains(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
	if ExplainLog("", 64) == "" || ExplainLog("", 0) != "" {
		t.Error("the status alone")
	}
}

func FuzzParseRecord(f *testing.F) {
	text, _ := os.ReadFile("testdata/stream.ndjson")
	for line := range strings.Lines(string(text)) {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		rec, err := ParseRecord(line)
		if err == nil && rec.Kind == KindReport && (rec.Report.PID == 0 || rec.Time.IsZero()) {
			t.Errorf("%q: %+v", line, rec)
		}
	})
}

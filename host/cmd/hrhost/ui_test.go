package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
)

// What the machine ran out of is no mistake of hrhost's, and one sentence, however
// many documents could not be written.
func TestExhaustedIsIncomplete(t *testing.T) {
	for cause, want := range map[syscall.Errno]string{
		syscall.ENOSPC: "hrhost: error: writing a.json: no space left on device\nhrhost: hint: free some space on that file system\n",
		syscall.EMFILE: "hrhost: error: writing a.json: too many open files\nhrhost: hint: allow more open files: ulimit -n\n",
	} {
		var out, err bytes.Buffer
		u := newUI(&out, &err)
		if code := u.exit(errors.Join(fmt.Errorf("writing a.json: %w", cause), fmt.Errorf("writing b.json: %w", cause))); code != 3 {
			t.Errorf("exit code %d", code)
		}
		if err.String() != want || out.Len() > 0 {
			t.Errorf("%q, %q", err.String(), out.String())
		}
	}
}

// TestObjectEscapes: the object of --json holds no character that a terminal or a
// reader's eye would take for something else, and its value stays the same.
func TestObjectEscapes(t *testing.T) {
	var out bytes.Buffer
	const hostile = "a\u009b2J\u202eb\x7f"
	if err := newUI(&out, io.Discard).object(map[string]string{"value": hostile}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\u009b\u202e\x7f") {
		t.Errorf("raw: %q", out.String())
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["value"] != hostile {
		t.Errorf("%q, %v", got, err)
	}
}

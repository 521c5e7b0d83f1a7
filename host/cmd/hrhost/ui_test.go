package main

import (
	"bytes"
	"errors"
	"fmt"
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

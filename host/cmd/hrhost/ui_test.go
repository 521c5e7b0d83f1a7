package main

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"testing"
)

// A full disk is nobody's mistake in hrhost, and one sentence, however many
// documents could not be written.
func TestFullDiskIsIncomplete(t *testing.T) {
	var out, err bytes.Buffer
	u := newUI(&out, &err)
	full := errors.Join(fmt.Errorf("writing a.json: %w", syscall.ENOSPC), fmt.Errorf("writing b.json: %w", syscall.ENOSPC))
	if code := u.exit(full); code != 3 {
		t.Errorf("exit code %d", code)
	}
	want := "hrhost: error: writing a.json: no space left on device\nhrhost: hint: free some space on that file system\n"
	if err.String() != want || out.Len() > 0 {
		t.Errorf("%q, %q", err.String(), out.String())
	}
}

//go:build darwin || linux

package darwin

import (
	"errors"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// Apply puts a profile in force on this process and reads the answer. Whether
// the process was sandboxed before is asked first, since EPERM alone does not
// tell a nested sandbox from a refusal. A nested apply of
// the very same profile may be answered as a success. fact:apply.all-threads,
// fact:apply.same-again
func Apply(sbpl string, params map[string]string) seatbelt.ApplyReport {
	var before *bool
	if sandboxed, err := SelfSandboxed(); err == nil {
		before = &sandboxed
	}
	err := Init(sbpl, params)
	if err == nil {
		return seatbelt.ReadApply(0, 0, "", before)
	}
	var f *Failure
	if !errors.As(err, &f) { // the call could not be made
		return seatbelt.ReadApply(-1, 0, err.Error(), before)
	}
	return seatbelt.ReadApply(f.RC, f.Errno, f.Text, before)
}

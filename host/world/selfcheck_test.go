package world

import (
	"errors"
	"testing"
)

func TestSandboxCheckHasThreeAnswers(t *testing.T) {
	failed := errors.New("loading libsystem_sandbox.dylib: image not found")
	for _, c := range []struct {
		sandboxed bool
		err       error
		want      string
	}{
		{false, nil, "not sandboxed"},
		{true, nil, "sandboxed: this process has a sandbox already"},
		{false, failed, "unknown: " + failed.Error()},
		{true, failed, "unknown: " + failed.Error()},
	} {
		got := fromSandboxCheck(c.sandboxed, c.err)
		if got.String() != c.want || (got.Sandboxed == nil) != (c.err != nil) || got.Source == "" {
			t.Errorf("%v, %v: %q", c.sandboxed, c.err, got)
		}
	}
}

package processes

import (
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestMain(m *testing.M) { sdktest.Main(m, &sdk.Spec{Children: Children()}) }

func acquire(t *testing.T, name string) *Target {
	t.Helper()
	target, err := Acquire(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	return target
}

// TestGroups: a child is in the plugin's group and a sibling is not, as host/lane has it.
func TestGroups(t *testing.T) {
	own := syscall.Getpgrp()
	for name, inOwn := range map[string]bool{Child: true, Sibling: false} {
		target := acquire(t, name)
		group, err := syscall.Getpgid(target.PID)
		if err != nil || (group == own) != inOwn {
			t.Errorf("%s is in group %d (%v), the plugin in %d", name, group, err, own)
		}
	}
}

func TestNoSignalNoAcknowledgement(t *testing.T) {
	child := acquire(t, Child)
	for range 2 {
		if child.Asked() {
			t.Error("acknowledged a signal that was never sent")
		}
	}
}

// A process that is held takes several signals, each told once.
func TestSignalSeenWhenAsked(t *testing.T) {
	for _, name := range []string{Child, Sibling} {
		target := acquire(t, name)
		for range 2 {
			if err := syscall.Kill(target.PID, syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			if !target.Signalled(startTimeout) {
				t.Errorf("%s did not acknowledge", name)
			}
			if target.Asked() {
				t.Errorf("%s told of one signal twice", name)
			}
		}
	}
}

func TestNothingStays(t *testing.T) {
	for _, name := range []string{Child, Sibling} {
		target, err := Acquire(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := target.Close(); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(target.PID, 0); err != syscall.ESRCH {
			t.Errorf("%s %d after Close: %v", name, target.PID, err)
		}
	}
}

func TestMissingIsMissing(t *testing.T) {
	if err := syscall.Kill(acquire(t, Missing).PID, 0); err != syscall.ESRCH {
		t.Errorf("kill 0: %v", err)
	}
}

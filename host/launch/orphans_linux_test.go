package launch

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// relay starts itself over and over in new sessions: each one ends as soon as it
// has a successor.
func relay() {
	c := exec.Command("/proc/self/exe", "plugin", "relay")
	c.Env, c.SysProcAttr = []string{"NOTHING=1"}, &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		fmt.Println(err)
	}
}

// TestRelayIsEnded: a process that is another one each time when it is looked for
// does not stay behind.
func TestRelayIsEnded(t *testing.T) {
	l := must(shared())(t)
	p := startAs(t, Spec{}, "relay")
	p.WaitFor(time.Minute)
	if _, err := l.EndOrphans(); err != nil {
		t.Fatal(err)
	}
	if left := foreign(l.owns); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
}

// TestOrphansAreBounded: what can't be ended in time is an error that names it.
func TestOrphansAreBounded(t *testing.T) {
	l := must(shared())(t)
	p := startAs(t, Spec{}, "relay")
	p.WaitFor(time.Minute)
	_, err := endOrphans(l.owns, time.Time{})
	if err == nil || !strings.Contains(err.Error(), "left behind") {
		t.Errorf("%v", err)
	}
	if _, err := l.EndOrphans(); err != nil {
		t.Fatal(err)
	}
}

package launch

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
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

// nest leaves a process behind that has a child in another session, and so on, so many
// deep. Each becomes a child of this process only when the one above it is dead.
func nest(args []string) {
	n, _ := strconv.Atoi(args[0])
	if n > 0 {
		c := exec.Command("/proc/self/exe", "plugin", "nest", strconv.Itoa(n-1), "below")
		c.Env, c.SysProcAttr = []string{"NOTHING=1"}, &syscall.SysProcAttr{Setsid: true}
		out, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		io.ReadFull(out, make([]byte, 1)) // until the whole nest is there
	}
	if len(args) == 1 { // the plugin itself
		return
	}
	os.Stdout.WriteString("+")
	time.Sleep(time.Hour)
}

// TestNestIsEnded: EndOrphans looks again until no orphan of an orphan is left.
func TestNestIsEnded(t *testing.T) {
	l := must(shared())(t)
	p := startAs(t, Spec{}, "nest", "3")
	p.WaitFor(time.Minute)
	ended, err := l.EndOrphans()
	if err != nil {
		t.Fatal(err)
	}
	if left := foreign(l.owns); len(ended) != 3 || len(left) > 0 {
		t.Errorf("ended %v, still there: %v", ended, left)
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

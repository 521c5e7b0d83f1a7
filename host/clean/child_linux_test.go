package clean

import (
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The same state machine with a child.

func TestChild(t *testing.T) {
	for _, c := range []struct {
		act  string
		code int
	}{{"", 0}, {"fail", 3}, {"early", 1}} {
		t.Run(c.act, func(t *testing.T) {
			s := newChildScene(t, c.act)
			s.goOn()
			a := s.run()
			if a.Code != c.code || a.Error != "" || !strings.HasPrefix(s.read(s.stdout), "worker is here\n") {
				t.Errorf("%+v, %q", a, s.read(s.stdout))
			}
			if want := []state{staging, starting, running, removing, delivering, over}; !slices.Equal(a.States, want) {
				t.Errorf("states %q", a.States)
			}
		})
	}
}

func TestChildIsClean(t *testing.T) {
	s := newChildScene(t, "report")
	s.run()
	var got struct {
		Env []string `json:"env"`
		FDs []string `json:"fds"`
	}
	_, text, _ := strings.Cut(s.read(s.stdout), "\n")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	for _, e := range got.Env {
		name, _, _ := strings.Cut(e, "=")
		if !slices.Contains(append([]string{envStage, envShown, envTemp}, keep...), name) {
			t.Errorf("the worker has %s", e)
		}
	}
	if !slices.Equal(got.FDs, []string{"0", "1", "2"}) {
		t.Errorf("what it starts gets descriptors %q", got.FDs)
	}
}

func TestChildCrashes(t *testing.T) {
	for act, words := range map[string]string{"panic": "aborted", "segv": "aborted", "kill": "killed"} {
		t.Run(act, func(t *testing.T) {
			newChildScene(t, act).run().wants(t, Died, "was ended: signal: "+words)
		})
	}
}

func TestChildInterrupted(t *testing.T) {
	s := newChildScene(t, "tidy")
	s.begin()
	s.untilWorks()
	interrupt(s)
	if a := s.end(); a.Code != 3 || a.Error != "" || !strings.Contains(s.read(s.stdout), "tidied up") {
		t.Errorf("%+v, %q", a, s.read(s.stdout))
	}
}

func TestChildInterruptedBeforeItListens(t *testing.T) {
	s := newChildScene(t, "deaf")
	s.begin()
	s.untilWorks()
	interrupt(s)
	s.end().wants(t, Stopped, "interrupted")
}

func TestChildNeverEnds(t *testing.T) {
	s := newChildScene(t, "hang")
	s.ask.Stop = 200 * time.Millisecond
	s.begin()
	s.untilWorks()
	interrupt(s)
	s.end().wants(t, NotStopped)
}

// TestChildsAskerKilled: the kernel tells the child, which tidies up.
func TestChildsAskerKilled(t *testing.T) {
	s := newChildScene(t, "tidy")
	s.begin()
	s.untilWorks()
	syscall.Kill(s.cmd.Process.Pid, syscall.SIGKILL)
	s.cmd.Wait()
	s.nothingLeft(patience)
	if !strings.Contains(s.read(s.stdout), "tidied up") {
		t.Errorf("%q", s.read(s.stdout))
	}
}

func TestChildsStageIsFull(t *testing.T) {
	s := newChildScene(t, "")
	s.ask.Tmpfs = "1m"
	s.run().wants(t, StageFull, "a run needs 16384")
}

func TestTwoChildrenAtOnce(t *testing.T) {
	one, two := newChildScene(t, "early"), newChildScene(t, "tidy")
	two.ask.Parent = one.ask.Parent
	one.begin()
	two.begin()
	one.untilWorks()
	two.untilWorks()
	one.goOn()
	one.cmd.Wait()
	interrupt(two)
	if a := two.end(); a.Code != 3 {
		t.Errorf("the second: %+v", a)
	}
	if a := one.end(); a.Code != 1 {
		t.Errorf("the first: %+v", a)
	}
}

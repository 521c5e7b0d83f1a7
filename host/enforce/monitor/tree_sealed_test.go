//go:build linux && amd64

package monitor

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTree: a child started before sealing is judged like its parent, and so is
// what it becomes.
func TestTree(t *testing.T) {
	s := seal(t)
	pid := int(s.do(order{Prog: "child", Save: "child"}).Ret)
	if r := s.do(order{Prog: "childopens", Args: []arg{reg("child"), str(secret)}}); r.Errno != 0 {
		t.Errorf("before: %s %s", errnoName(r.Errno), r.Text)
	}
	if _, err := s.m.Seal(denying("sysctl-read kernel.ostype")); err != nil {
		t.Fatal(err)
	}
	s.take()
	if r := s.do(order{Prog: "childopens", Args: []arg{reg("child"), str(secret)}}); r.Errno != int(unix.EPERM) {
		t.Errorf("sealed: %s", errnoName(r.Errno))
	}
	if row := wantRow(t, s.take(), "openat sysctl-read kernel.ostype deny/policy/deny"); row != nil && row.PID != pid {
		t.Errorf("the row is about %d, not %d", row.PID, pid)
	}
	if r := s.do(order{Prog: "childopens", Args: []arg{reg("child"), str("/proc/self/stat")}}); r.Errno != 0 {
		t.Errorf("its own stat: %s", errnoName(r.Errno))
	}
	if row := wantRow(t, s.take(), "openat process-info-pidinfo * allow/policy/inject"); row != nil && row.Target.PID != pid {
		t.Errorf("self of the child is %d", row.Target.PID)
	}
}

// TestShell: ordinary programs run, and meet the policy.
func TestShell(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip(err)
	}
	s := sealWith(t, denying("sysctl-read kernel.ostype"))
	want, _ := os.ReadFile(public)
	if r := s.do(order{Prog: "shell", Args: []arg{str("read x < " + public + "; echo $x")}}); !strings.HasPrefix(r.Text, strings.TrimSpace(string(want))) {
		t.Errorf("%q", r.Text)
	}
	if r := s.do(order{Prog: "shell", Args: []arg{str("/bin/cat " + secret)}}); !strings.Contains(r.Text, "not permitted") {
		t.Errorf("%q", r.Text)
	}
	wantRow(t, s.take(), "openat sysctl-read kernel.ostype deny/policy/deny")
}

// TestSealedFromTheStart: a program starts under a policy that allows it, and is
// judged from its first instruction.
func TestSealedFromTheStart(t *testing.T) {
	s := sealFirst(t, denying("sysctl-read kernel.ostype"))
	rows := s.take()
	if len(rows) == 0 {
		t.Error("starting left no row")
	}
	for _, r := range rows {
		if r.Epoch != 1 || r.By == "prelude" {
			t.Errorf("epoch %d: %s", r.Epoch, showRow(r))
		}
	}
	if r := s.do(openOrder(secret)); r.Errno != int(unix.EPERM) {
		t.Errorf("%s", errnoName(r.Errno))
	}
}

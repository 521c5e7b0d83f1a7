package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/needs"
)

// TestKilledLeavesNothing: SIGKILL of a try or a sweep in the middle of its run leaves
// nothing where staged roots are: the worker removes the only root, with the bundle
// that is thrown away.
func TestKilledLeavesNothing(t *testing.T) {
	bin := buildPrograms(t)
	profile := filepath.Join(t.TempDir(), "open.sb")
	if err := os.WriteFile(profile, []byte("(version 1)(allow default)"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"try":   {"try", profile, "sysctl-read", "kernel.ostype", "--repeat", "1000"},
		"sweep": {"sweep", "--profile", profile, "--operation", "sysctl-read"},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir() // a /var/tmp for this run alone
			shell := []string{"-c", `mount --bind "$0" /var/tmp && exec "$@"`, parent, filepath.Join(bin, "hrhost")}
			cmd := exec.Command("sh", append(shell, args...)...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
			if os.Getuid() != 0 {
				cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
				cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
				cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
			}
			if err := cmd.Start(); err != nil {
				needs.Missing(t, needs.Bwrap, err.Error())
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			until(t, "a bundle is begun", ended, func() bool { return len(entries(t, parent, "*/out/runs/*")) > 0 })
			cmd.Process.Kill()
			if err := <-ended; !cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
				t.Fatalf("it ended before it was killed: %v", err)
			}
			until(t, "nothing is left", nil, func() bool { return len(entries(t, parent, "*")) == 0 })
		})
	}
}

func entries(t *testing.T, dir, pattern string) []string {
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// until waits for a state. A process that ends before is a failure.
func until(t *testing.T, what string, ended <-chan error, reached func() bool) {
	t.Helper()
	for limit := time.After(time.Minute); !reached(); {
		select {
		case err := <-ended:
			t.Fatalf("waiting until %s: the process ended: %v", what, err)
		case <-limit:
			t.Fatalf("waiting until %s: it is not", what)
		case <-time.After(time.Millisecond):
		}
	}
}

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// ordinary is the user and group that hrhost runs as. Root would fail hrhost's
// check of itself on a machine that keeps a capability from it, and so would
// every bundle the conditions for promotion.
const ordinary = 65534

// enter runs this program again as pid 1 of new mount, pid and UTS namespaces.
func enter(o options) error {
	if os.Geteuid() != 0 {
		return errors.New("reference bundles are made by root, who may enter namespaces and run hrhost as an ordinary user")
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	runtime.LockOSThread() // Pdeathsig is sent when the thread ends, not the process
	c := exec.Command("/proc/self/exe", "-programs", o.programs, "-out", o.out, "-host", host)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS,
		Pdeathsig:  syscall.SIGKILL,
	}
	err = c.Run()
	var ee *exec.ExitError
	if errors.As(err, &ee) && ee.Exited() {
		os.Exit(ee.ExitCode()) // it has printed its error
	}
	if err != nil {
		return fmt.Errorf("entering mount, pid and UTS namespaces: %w", err)
	}
	return nil
}

// asOrdinaryUser has a command run as an ordinary user.
func asOrdinaryUser(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinary, Gid: ordinary}}
}

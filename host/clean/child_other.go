//go:build !linux && !darwin

package clean

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func adopt() (end func()) { return func() {} }

func closeInherited() {}

func start(cmd *exec.Cmd) error { return cmd.Start() }

//go:build !linux

package clean

import (
	"errors"
	"syscall"
)

func inNamespaces(a *syscall.SysProcAttr) *syscall.SysProcAttr { return a }

func hide(dirs, command []string) int { return 9 }

func ownTmpfs(dir, size string) error { return errors.New("only on Linux") }

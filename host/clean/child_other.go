//go:build !linux && !darwin

package clean

import "syscall"

func attributes() *syscall.SysProcAttr { return nil }

func adopt() (end func()) { return func() {} }

func closeInherited() {}

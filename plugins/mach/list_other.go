//go:build !linux && !darwin

package mach

import "errors"

func listed(func(string) error) error { return errors.ErrUnsupported }

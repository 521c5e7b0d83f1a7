//go:build !linux && !darwin

package processes

import "errors"

func each(func(pid int) error) error { return errors.ErrUnsupported }

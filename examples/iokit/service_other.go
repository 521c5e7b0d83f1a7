//go:build !darwin

package main

import (
	"errors"

	"github.com/hrhost/hrhost/sdk"
)

var errNoIOKit = errors.New("IOKit is macOS's")

func serviceHandle() *sdk.Handle { return nil }

func openService(*sdk.Recorder) error { return errNoIOKit }

package main

import (
	"testing"

	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestBinary(t *testing.T) {
	binary := installation.Built("hrhost-probe-notifyplain")
	if binary == "" {
		binary = sdktest.Build(t, ".")
	}
	sdktest.Conformance(t, binary)
}

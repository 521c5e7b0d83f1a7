package main

import (
	"strings"
	"testing"
)

func TestReleased(t *testing.T) {
	for version, want := range map[string]string{
		"1.2.3": "v1.2.3", "0.1.0-rc.1": "v0.1.0-rc.1", "dev": "", "": "", "v1.2.3": "", "1.2": "", "1.2.3 x": "",
	} {
		if got := released(version); got != want {
			t.Errorf("released(%q) = %q, want %q", version, got, want)
		}
	}
}

// TestReleaseNeedsNoCheckout: a released program requires its own version.
func TestReleaseNeedsNoCheckout(t *testing.T) {
	defer func(v string) { version = v }(version)
	version = "1.2.3"
	s, err := findSDK("")
	if err != nil || s.Version != "v1.2.3" || s.Replace != "" || s.Go == "" {
		t.Errorf("%+v, %v", s, err)
	}
	if text := origin(); !strings.Contains(text, "v1.2.3") {
		t.Error(text)
	}
}

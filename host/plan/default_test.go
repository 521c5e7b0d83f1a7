package plan

import (
	"strings"
	"testing"
)

// TestDefaultPlan: the plan at the root loads on both systems.
func TestDefaultPlan(t *testing.T) {
	for _, os := range []string{Linux, MacOS} {
		p, err := Load("../../config.toml", Options{OS: os})
		if err != nil {
			t.Fatalf("%s: %v", os, err)
		}
		if !strings.Contains(string(p.Resolved()), `"os": "`+os+`"`) {
			t.Errorf("%s: the resolved plan names another system", os)
		}
	}
}

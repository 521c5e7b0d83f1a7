package linux

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/facts"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// TestFacts: each fact is whole, has a name of its own among all systems', and
// names places that rest on it, where its words stand.
func TestFacts(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range seatbelt.Facts() {
		seen[f.ID] = true
	}
	for _, f := range Facts() {
		if seen[f.ID] || !regexp.MustCompile(`^[a-z]+\.[a-z0-9-]+$`).MatchString(f.ID) {
			t.Errorf("%s: not a name of its own", f.ID)
		}
		seen[f.ID] = true
		if f.Claim == "" || f.Source == "" || f.Breaks == "" || f.Status != facts.Measured || f.On == "" {
			t.Errorf("%s is not whole: %+v", f.ID, f)
		}
		if len(f.RestedOn) == 0 {
			t.Errorf("nothing rests on %s", f.ID)
		}
		for _, place := range f.RestedOn {
			file, words, _ := strings.Cut(place, ": ")
			text, err := os.ReadFile("../../../" + file)
			if err != nil || words == "" || !strings.Contains(string(text), words) {
				t.Errorf("%s: %q does not stand in %s: %v", f.ID, words, file, err)
			}
		}
	}
	if len(Facts()) < 40 {
		t.Errorf("only %d facts", len(Facts()))
	}
}

package world

import "testing"

func TestMatchPin(t *testing.T) {
	mac := &World{ID: "sonoma-14.4.1-23E224-arm64-dyldcache-11223344"}
	for _, c := range []struct {
		pin, manifest string
		ok            bool
	}{
		{"sonoma-14.4.1-23E224-arm64-dyldcache-11223344", "", true},
		{"sonoma-14.4.1-23E224-arm64-dyld-2c0602c5", "", true}, // the predecessor's form: dyld part not checked
		{"sonoma-14.4.1-23E224-arm64-dyld-2c0602c5", "sha256:2c0602c5aa", true},
		{"sonoma-14.4.1-23E224-arm64-dyld-2c0602c5", "sha256:2c0602c6aa", false},
		{"sonoma-14.4.1-23E224-arm64-dyld-", "sha256:2c0602c5aa", false},
		{"sonoma-14.4.1-23E224-arm64-dyldcache-55667788", "", false},
		{"sonoma-14.5-23F79-arm64-dyld-2c0602c5", "sha256:2c0602c5aa", false},
		{"", "", false},
	} {
		if ok, why := mac.MatchPin(c.pin, c.manifest); ok != c.ok {
			t.Errorf("MatchPin(%q, %q) = %v (%s)", c.pin, c.manifest, ok, why)
		}
	}
}

func TestReadHasSources(t *testing.T) {
	w, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(w.ID)
	if len(w.Facts) == 0 {
		t.Error("no facts")
	}
	for _, f := range w.Facts {
		if f.Source == "" {
			t.Errorf("fact %s has no source", f.Name)
		}
		if f.Value == "" && f.Error == "" {
			t.Errorf("fact %s has neither a value nor a reason", f.Name)
		}
	}
}

func TestSelfCheckString(t *testing.T) {
	yes := true
	for want, s := range map[string]SelfCheck{
		"unknown: no status":         {Findings: []string{"no status"}},
		"sandboxed: an outer filter": {Sandboxed: &yes, Findings: []string{"an outer filter"}},
		"not sandboxed":              {Sandboxed: new(bool)},
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

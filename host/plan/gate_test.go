package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGate: a profile that macOS lets no ordinary process apply is part of a
// macOS plan, with the reason, and no policy elsewhere.
func TestGate(t *testing.T) {
	const filter = "(allow mach-bootstrap (apply-message-filter (deny mach-message-send)))"
	const why = "apply-message-filter needs the entitlement"
	files := map[string]string{"gated.sb": filter}
	for _, c := range []struct {
		name, profile, os string
		gate, refusal     string
	}{
		{"of its own", "(version 1)(deny default)\n" + filter, MacOS, why, ""},
		{"of an import", "(version 1)(deny default)\n(import \"gated.sb\")", MacOS, "gated.sb: " + why, ""},
		{"in a comment", "(version 1)(deny default) ; " + filter, MacOS, "", ""},
		{"on Linux", "(version 1)(deny default)\n" + filter, Linux, "", "apply-message-filter"},
		{"another fault", "(version 1)(deny default)(nonsense)", MacOS, "", "nonsense"},
	} {
		files["p.sb"] = c.profile
		read := func(name string) ([]byte, error) {
			if text, ok := files[filepath.Base(name)]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		}
		p, err := Parse("plan.toml", []byte(profileWith("", good)), read, Options{OS: c.os})
		if c.refusal != "" {
			if err == nil || !strings.Contains(err.Error(), c.refusal) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		pr := p.Profiles[0]
		if !strings.Contains(pr.Gate, c.gate) || (pr.Gate == "") != (c.gate == "") || pr.Gate == "" && pr.Policy == nil {
			t.Errorf("%s: gate %q, policy %v", c.name, pr.Gate, pr.Policy)
		}
	}
}

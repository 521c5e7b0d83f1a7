package verify

import "fmt"

// Finding is one thing wrong with a bundle.
type Finding struct {
	Check   string `json:"check"` // index, files, digest, schema, identity, accounting, policy, ...
	Code    string `json:"code"`  // stable, of one meaning within a check; docs/bundle.md has all
	Path    string `json:"path"`
	Message string `json:"message"`
}

// maxFindings bounds the report on a hostile bundle.
const maxFindings = 100

// findings are the results of a check, in their order: the first maxFindings, and the
// number of those beyond. The zero value has none.
type findings struct {
	list    []Finding
	omitted int
	checks  map[string]bool // that found something, omitted or not
}

// add records a finding.
func (f *findings) add(check, code, path, format string, args ...any) {
	if f.checks == nil {
		f.checks = map[string]bool{}
	}
	f.checks[check] = true
	if len(f.list) >= maxFindings {
		f.omitted++
		return
	}
	f.list = append(f.list, Finding{check, code, path, fmt.Sprintf(format, args...)})
}

// join adds the results of another check after those that are there.
func (f *findings) join(g findings) {
	for check := range g.checks {
		if f.checks == nil {
			f.checks = map[string]bool{}
		}
		f.checks[check] = true
	}
	fits := min(len(g.list), maxFindings-len(f.list))
	f.list = append(f.list, g.list[:fits]...)
	f.omitted += g.omitted + len(g.list) - fits
}

// count is the number of findings.
func (f *findings) count() int { return len(f.list) + f.omitted }

// by reports whether one of the checks found something.
func (f *findings) by(checks ...string) bool {
	for _, check := range checks {
		if f.checks[check] {
			return true
		}
	}
	return false
}

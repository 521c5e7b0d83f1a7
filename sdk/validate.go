package sdk

import (
	"errors"
	"fmt"
	"strings"
)

// familyName says whether a family may have that name. Compiling a pattern for it
// would take a fortieth of the time in which a plugin starts.
func familyName(s string) bool {
	return s != "" && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// validate says everything that is wrong with a Spec. Main refuses to serve one
// that has an error; a plugin's test sees it through sdktest.SpecTest.
func validate(s *Spec) error {
	if s == nil {
		return errors.New("checking spec: it is nil")
	}
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if !familyName(s.Family) {
		bad("family %q is not a small letter with small letters, digits and hyphens behind it", s.Family)
	}
	if s.Version == "" {
		bad("no version")
	}
	if s.Doc == "" {
		bad("no doc")
	}
	if len(s.Probes) == 0 {
		bad("no probes")
	}
	seen := map[string]bool{}
	for i, p := range s.Probes {
		if p == nil {
			bad("probe %d is nil", i)
			continue
		}
		if seen[p.Operation] {
			bad("probe %q appears twice", p.Operation)
		}
		seen[p.Operation] = true
		for _, problem := range p.problems() {
			bad("probe %q: %s", p.Operation, problem)
		}
	}
	if len(all) > 0 {
		return fmt.Errorf("checking spec of family %q: %w", s.Family, errors.Join(all...))
	}
	return nil
}

func (p *Probe) problems() (list []string) {
	check := func(ok bool, problem string) {
		if !ok {
			list = append(list, problem)
		}
	}
	check(p.Operation != "", "no operation")
	check(strings.HasSuffix(p.Purpose, "."), "the purpose is not a full sentence")
	check(p.Carrier != "", "no carrier")
	check(p.Run != nil, "no Run")
	check(len(p.Platforms) > 0, "no platforms")
	for _, platform := range p.Platforms {
		check(platform == Linux || platform == MacOS, fmt.Sprintf("platform %q", platform))
	}
	check(!p.OneWay || p.ObservableEffect, "a one-way probe must have an observable effect")
	if h := p.Handle; h != nil {
		check(h.Kind != "", "its handle has no kind")
		check(h.Acquire != nil && h.Use != nil, "its handle needs Acquire and Use")
	}
	return append(list, p.resultProblems()...)
}

func (p *Probe) resultProblems() (list []string) {
	denied := false
	seen := map[string]bool{}
	for _, r := range p.Results {
		name := r.name()
		if seen[name] {
			list = append(list, "result "+name+" appears twice")
		}
		seen[name] = true
		denied = denied || r.Class == Denied
		if problem := r.problem(); problem != "" {
			list = append(list, "result "+name+": "+problem)
		}
	}
	if !denied {
		list = append(list, "no result is read as denied")
	}
	return list
}

func (r Result) name() string {
	if r.Native != nil {
		return fmt.Sprintf("%s %s %d %s", r.API, r.Native.API, r.Native.Code, r.Native.Name)
	}
	return fmt.Sprintf("%s errno %d", r.API, int(r.Errno))
}

func (r Result) problem() string {
	switch {
	case r.API == "":
		return "no api"
	case r.Source == "":
		return "no source"
	case r.Class != OK && r.Class != Denied && r.Class != Missing && r.Class != Other:
		return fmt.Sprintf("class %q", r.Class)
	case r.Native == nil && r.Errno == 0 && r.Class != OK:
		return "errno 0 is ok"
	}
	return ""
}

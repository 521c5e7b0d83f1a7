package sbpl

import (
	"regexp"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

// truth is Kleene's: a filter whose fact is missing is neither.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// test is one filter of a rule. Exactly one kind of test applies.
type test struct {
	all, any []*test
	not      *test

	name     string // of the fact
	category string
	literals map[string]bool
	prefixes []string
	subpaths []string
	regexes  []*regexp.Regexp
	fold     bool
	process  func(*Process) truth
}

// holds evaluates the filter. missing collects the names of facts that were
// asked for in vain; it may be nil.
func (t *test) holds(q *Query, missing *[]string) truth {
	switch {
	case t == nil:
		return yes
	case t.not != nil:
		return yes - t.not.holds(q, missing)
	case t.all != nil:
		out := yes
		for _, s := range t.all {
			if out = min(out, s.holds(q, missing)); out == no {
				return no
			}
		}
		return out
	case t.any != nil:
		out := no
		for _, s := range t.any {
			if out = max(out, s.holds(q, missing)); out == yes {
				return yes
			}
		}
		return out
	case t.process != nil:
		return t.aboutProcess(q, missing)
	}
	return t.leaf(q, missing)
}

func (t *test) aboutProcess(q *Query, missing *[]string) truth {
	if q.Process != nil {
		return t.process(q.Process)
	}
	note(missing, t.name)
	return maybe
}

func (t *test) leaf(q *Query, missing *[]string) truth {
	known := false
	for i := range q.Filters {
		f := &q.Filters[i]
		if f.Name != t.name {
			known = known || excludes(f.Name, t.name)
			continue
		}
		known = true
		if t.matches(f.Value) {
			return yes
		}
	}
	if known {
		return no
	}
	note(missing, t.name)
	return maybe
}

func note(missing *[]string, name string) {
	if missing != nil {
		*missing = append(*missing, name)
	}
}

// excludes reports that an object which has the one fact cannot have the other:
// the three name spaces of mach services.
func excludes(has, asked string) bool {
	mach := func(s string) bool { return s == "global-name" || s == "local-name" || s == "xpc-service-name" }
	return mach(has) && mach(asked)
}

func (t *test) matches(v string) bool {
	if t.fold {
		v = strings.ToLower(v)
	}
	if t.literals[v] {
		return true
	}
	for _, p := range t.prefixes {
		if strings.HasPrefix(v, p) {
			return true
		}
	}
	for _, s := range t.subpaths {
		if below(v, s) {
			return true
		}
	}
	for _, r := range t.regexes {
		if r.MatchString(v) {
			return true
		}
	}
	return false
}

// below is subpath: the path itself or anything under it.
func below(v, s string) bool {
	if s == "/" {
		return strings.HasPrefix(v, "/")
	}
	return strings.HasPrefix(v, s) && (len(v) == len(s) || v[len(s)] == '/')
}

// each visits the leaves.
func (t *test) each(visit func(*test)) {
	if t == nil {
		return
	}
	for _, s := range t.all {
		s.each(visit)
	}
	for _, s := range t.any {
		s.each(visit)
	}
	t.not.each(visit)
	if t.all == nil && t.any == nil && t.not == nil {
		visit(t)
	}
}

// constant is a named number of the language, such as self or AF_SYSTEM. It
// stands for itself in every filter that has a value of its name.
type constant struct {
	name  string
	value int64
}

func (c *constant) String() string { return c.name }

// constants are all named numbers of the filter tables.
func constants() map[string]*constant {
	out := map[string]*constant{"unix-socket": {"unix-socket", 0}, "unix": {"unix-socket", 0}}
	for _, f := range ops.Filters {
		for name, v := range f.Values {
			out[name] = &constant{name, v}
		}
	}
	return out
}

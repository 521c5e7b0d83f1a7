package sbpl

import (
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/pattern"
)

// matches compares one value with what a leaf asks for.
func (t *test) matches(v string, spend pattern.Spend) truth {
	if t.fold && t.how != matching {
		v = strings.ToLower(v)
	}
	switch t.how {
	case literal:
		return truthOf(slices.Contains(t.values, v))
	case prefix:
		for _, p := range t.values {
			if strings.HasPrefix(v, p) {
				return yes
			}
		}
	case subpath:
		for _, s := range t.values {
			if below(v, s) {
				return yes
			}
		}
	case matching:
		return t.matchesPattern(v, spend)
	case number, bits:
		return t.matchesNumber(v)
	case network:
		return t.matchesEnd(v)
	}
	return no
}

// below is subpath: the path itself or anything under it.
func below(v, s string) bool {
	if s == "/" {
		return strings.HasPrefix(v, "/")
	}
	return strings.HasPrefix(v, s) && (len(v) == len(s) || v[len(s)] == '/')
}

// matchesPattern is unknown where a pattern can be read in two ways, and they
// differ.
func (t *test) matchesPattern(v string, spend pattern.Spend) truth {
	out := no
	for _, p := range t.patterns {
		one := p.MatchWithin(v, spend)
		if d := p.Doubt(); d != nil && d.MatchWithin(v, spend) != one {
			out = maybe
		} else if one {
			return yes
		}
	}
	return out
}

func (t *test) matchesNumber(v string) truth {
	n, ok := t.numberOf(v)
	if !ok {
		return no
	}
	for _, want := range t.numbers {
		if n == want || t.how == bits && n&want == want {
			return yes
		}
	}
	return no
}

// numberOf reads a fact: a number, a constant's name, or a truth value.
func (t *test) numberOf(v string) (int64, bool) {
	switch v {
	case "#t", "true":
		return 1, true
	case "#f", "false":
		return 0, true
	}
	return t.filter.Number(v)
}

package sbpl

import (
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/pattern"
)

// implies reports that whatever a asks for holds wherever b's does: b covers a.
// It is sure when it says so, and does not see every case.
func implies(a, b *test) bool {
	switch {
	case b == nil:
		return true
	case a == nil:
		return false
	case a.any != nil:
		return !slices.ContainsFunc(a.any, func(s *test) bool { return !implies(s, b) })
	case b.all != nil:
		return !slices.ContainsFunc(b.all, func(s *test) bool { return !implies(a, s) })
	case b.any != nil:
		return slices.ContainsFunc(b.any, func(s *test) bool { return implies(a, s) })
	case a.all != nil:
		return slices.ContainsFunc(a.all, func(s *test) bool { return implies(s, b) })
	case !a.leaf() || !b.leaf() || a.fact != b.fact:
		return false
	}
	return leafImplies(a, b)
}

func leafImplies(a, b *test) bool {
	switch a.how {
	case literal, prefix, subpath:
		return !slices.ContainsFunc(a.values, func(v string) bool { return !covered(a.how, v, b) })
	case number:
		return b.how == number && !slices.ContainsFunc(a.numbers, func(n int64) bool { return !slices.Contains(b.numbers, n) })
	case matching:
		if b.how != matching {
			return false
		}
		for _, p := range a.patterns {
			if !slices.ContainsFunc(b.patterns, func(q *pattern.Pattern) bool { return q.String() == p.String() }) {
				return false
			}
		}
		return true
	}
	return false
}

// covered reports that b holds for every value for which a value of the one
// kind does.
func covered(as how, v string, b *test) bool {
	switch as {
	case literal:
		return b.matches(v, nil) == yes
	case subpath:
		switch b.how {
		case subpath:
			return slices.ContainsFunc(b.values, func(w string) bool { return below(v, w) })
		case prefix:
			return slices.ContainsFunc(b.values, func(w string) bool { return strings.HasPrefix(v, w) })
		}
	case prefix:
		return b.how == prefix && slices.ContainsFunc(b.values, func(w string) bool { return strings.HasPrefix(v, w) })
	}
	return false
}

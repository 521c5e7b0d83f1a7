// Package pattern is the regular expressions of the profile language.
//
// They are POSIX-like and work on bytes: matched anywhere in a value unless
// anchored, ^ only as the first character, . any byte, a backslash in brackets
// one of the members. What the system's matcher does not have, or what is not
// known of it, is refused: (?...), lazy quantifiers, a backslash before a letter.
//
// Matching takes time linear in the value, whatever the pattern and the value. A
// Set asks many patterns at once, in one pass.
package pattern

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
)

// maxLen bounds a pattern, in bytes.
const maxLen = 64 << 10

// Pattern is one expression.
type Pattern struct {
	src    string
	tree   *syntax.Regexp
	doubt  *Pattern // the other reading of a pattern that can be read in two ways
	slow   func() *regexp.Regexp
	single func() *Set
}

// Compile reads an expression.
func Compile(src string) (*Pattern, error) {
	if len(src) > maxLen {
		return nil, fmt.Errorf("a pattern of %d bytes is longer than the %d that are taken", len(src), maxLen)
	}
	t, err := translate(src)
	if err != nil {
		return nil, err
	}
	p, err := parse(src, t.text)
	if err != nil {
		return nil, err
	}
	if t.classes != "" {
		if p.doubt, err = parse(src, t.classes); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func parse(src, text string) (*Pattern, error) {
	tree, err := syntax.Parse(text, syntax.Perl|syntax.DotNL)
	if err != nil {
		if e, ok := err.(*syntax.Error); ok {
			return nil, fmt.Errorf("bad regex: %s in %q", e.Code, src)
		}
		return nil, fmt.Errorf("bad regex %q: %w", src, err)
	}
	p := &Pattern{src: src, tree: tree}
	p.slow = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("(?s)" + text) })
	p.single = sync.OnceValue(func() *Set { return NewSet([]*Pattern{p}) })
	return p, nil
}

// Size is about how many places the expression's automaton has: (abc){100} has
// hundreds.
func (p *Pattern) Size() int {
	n := size(p.tree)
	if p.doubt != nil {
		n += size(p.doubt.tree)
	}
	return n
}

// size is bounded by what [syntax.Parse] lets pass.
func size(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n += size(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(1, re.Min, re.Max)
	}
	return n
}

// String is the expression as written.
func (p *Pattern) String() string { return p.src }

// Doubt is the other reading of an expression whose meaning is not known, such
// as [\w.]: a class of letters, or a backslash and a w. Nil for most.
func (p *Pattern) Doubt() *Pattern { return p.doubt }

// Match reports whether the expression matches in v.
func (p *Pattern) Match(v string) bool { return p.MatchWithin(v, nil) }

// MatchWithin is Match, and false for work that is refused.
func (p *Pattern) MatchWithin(v string, spend Spend) bool { return p.single().First(v, spend) == 0 }

// MatchSlowly is Match by another matcher, to compare with.
func (p *Pattern) MatchSlowly(v string) bool { return p.slow().MatchString(latin(v)) }

// latin spells bytes as the runes of the same numbers.
func latin(v string) string {
	r := make([]rune, len(v))
	for i := 0; i < len(v); i++ {
		r[i] = rune(v[i])
	}
	return string(r)
}

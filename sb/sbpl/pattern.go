package sbpl

import (
	"fmt"
	"regexp"
	"strings"
)

// compilePattern compiles a regular expression of the system's dialect:
// unanchored, matched on bytes, no groups with ?, ^ only in front. Go's matcher
// is linear in the value, whatever the pattern.
func compilePattern(p string) (*regexp.Regexp, error) {
	if strings.Contains(p, "(?") {
		return nil, fmt.Errorf("unexpected ? after ( in %q: flags and look-around do not exist here", p)
	}
	for i := 1; i < len(p); i++ {
		if p[i] == '^' && p[i-1] != '[' && p[i-1] != '\\' && p[i-1] != '(' && p[i-1] != '|' && !inBrackets(p[:i]) {
			return nil, fmt.Errorf("unexpected ^ operator in middle of expression %q", p)
		}
	}
	if len(p) > 64<<10 {
		return nil, fmt.Errorf("a pattern of %d bytes is longer than the 65536 that are taken", len(p))
	}
	re, err := regexp.Compile("(?s)" + p)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %s", p, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// inBrackets reports whether s ends inside [...].
func inBrackets(s string) bool {
	open := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !open:
			i++
		case s[i] == '[' && !open:
			open = true
			if i+1 < len(s) && s[i+1] == '^' {
				i++
			}
			if i+1 < len(s) && s[i+1] == ']' {
				i++
			}
		case s[i] == ']' && open:
			open = false
		}
	}
	return open
}

// quotePattern is (regex-quote s).
func quotePattern(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("^.[$()|*+?{\\", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

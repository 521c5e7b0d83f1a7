package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed phrases.txt
var phrasesText string

// phrase is one line of phrases.txt.
type phrase struct {
	name, instead string
	re            *regexp.Regexp
}

// space is a space of a phrase: blanks, or one line break and the marker of a
// comment that goes on. A blank line ends the phrase.
const space = `(?:[ \t]+|[ \t]*\r?\n[ \t]*(?://[ \t]*)?)`

// parsePhrases reads phrases.txt. Names are unique, since counts go by name.
func parsePhrases(text string) ([]phrase, error) {
	var all []phrase
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || fields[0] == "" || seen[fields[0]] {
			return nil, fmt.Errorf("phrases.txt:%d: want a new NAME, EXPRESSION and INSTEAD with tabs between, found %q", i+1, line)
		}
		re, err := regexp.Compile(`(?:` + strings.ReplaceAll(fields[1], " ", space) + `)\b`)
		if err != nil {
			return nil, fmt.Errorf("phrases.txt:%d: compiling %q: %w", i+1, fields[1], err)
		}
		seen[fields[0]] = true
		all = append(all, phrase{name: fields[0], re: re, instead: fields[2]})
	}
	return all, nil
}

// find returns the offset of each counted match in lower, a text in lower case.
// It looks for the start of a word itself: an expression that begins with \b or
// ignores case takes twice the time.
func (p *phrase) find(lower string) (at []int) {
	for _, m := range p.re.FindAllStringSubmatchIndex(lower, -1) {
		excepted := m[0] > 0 && isWord(lower[m[0]-1])
		for _, start := range m[2:] {
			excepted = excepted || start >= 0
		}
		if !excepted {
			at = append(at, m[0])
		}
	}
	return at
}

// isWord reports whether c is a word character, as \b understands it.
func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

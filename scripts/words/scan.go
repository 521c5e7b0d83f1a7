package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Columns of a line, in characters. A tab is one.
const (
	longMD = 100
	longGo = 120
)

// Kinds of long lines, next to the names of phrases.
const (
	mdLines  = "md lines > 100"
	goLines  = "go lines > 120"
	subjects = "subjects > 72"
)

// generated is the line that Go's tools know generated code by.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// excluded reports whether the words of a file are not the project's prose:
// generated code, test data, and this program with its list.
func excluded(file, text string) bool {
	return strings.HasPrefix(file, ownDir+"/") || strings.Contains("/"+file, "/testdata/") ||
		strings.HasSuffix(file, ".go") && generated.MatchString(text)
}

// hit is one occurrence in a file.
type hit struct {
	file    string
	line    int
	phrase  string
	instead string
}

func (h hit) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", h.file, h.line, h.phrase, h.instead)
}

// scan finds the phrases and long lines of one file, phrase by phrase.
func scan(file, text string, phrases []phrase) (hits []hit) {
	if excluded(file, text) {
		return nil
	}
	lower := strings.ToLower(text)
	for _, p := range phrases {
		line, counted := 1, 0
		for _, at := range p.find(lower) {
			line += strings.Count(lower[counted:at], "\n")
			counted = at
			hits = append(hits, hit{file, line, p.name, "write: " + p.instead})
		}
	}
	return append(hits, longLines(file, text)...)
}

// longLines finds the lines that do not fit. A row of a Markdown table cannot be
// wrapped, so its length does not count.
func longLines(file, text string) (hits []hit) {
	limit, kind := longGo, goLines
	if strings.HasSuffix(file, ".md") {
		limit, kind = longMD, mdLines
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		row := kind == mdLines && strings.HasPrefix(strings.TrimLeft(line, " "), "|")
		if width := utf8.RuneCountInString(strings.TrimRight(line, "\r\n")); width > limit && !row {
			hits = append(hits, hit{file, n, kind, fmt.Sprintf("%d columns", width)})
		}
	}
	return hits
}

// tally adds up hits by package.
func tally(hits []hit) counts {
	c := counts{}
	for _, h := range hits {
		c[key{path.Dir(h.file), h.phrase}]++
	}
	return c
}

package seatbelt

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Call is one name of the system's libraries that the programs for macOS call.
type Call struct {
	Name      string
	Library   string // of a bound name: the library, after the directory of the example that binds it
	Prototype string // as C has it; of data its type
	Failure   string // how the call says that it failed
	Source    string // "REPOSITORY FILE:LINE" of Apple's sources, or "not open: " and what is known
}

//go:embed calls.txt
var callsText string

//go:embed imports.txt
var importsText string

type callList struct{ bound, imported []Call }

var calls = sync.OnceValue(func() callList {
	list, err := parseCalls(callsText)
	if err != nil {
		panic("BUG(seatbelt): calls.txt: " + err.Error())
	}
	return list
})

// Bound are the names that package darwin and the examples bind by purego: the registry
// outside of which nothing is bound.
func Bound() []Call { return slices.Clone(calls().bound) }

// Imported are the names that the programs import and that our code may call.
func Imported() []Call { return slices.Clone(calls().imported) }

// OwnImports are the names that only the Go runtime calls, or nothing does, with the
// package that imports each: by the call graph, see imports.txt.
func OwnImports() map[string]string {
	own := map[string]string{}
	for line := range strings.Lines(importsText) {
		if w := strings.Fields(line); len(w) == 3 && w[0] == "own" {
			own[w[1]] = w[2]
		}
	}
	return own
}

// parseCalls reads calls.txt: lines below [bound] with five fields, below [imported] with
// four.
func parseCalls(text string) (list callList, err error) {
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "#"):
			continue
		case line == "[bound]", line == "[imported]":
			section = line
			continue
		}
		f := strings.Split(line, " | ")
		if slices.Contains(f, "") {
			return list, fmt.Errorf("line %q: a field is empty", line)
		}
		switch {
		case section == "[bound]" && len(f) == 5:
			list.bound = append(list.bound, Call{f[0], f[1], f[2], f[3], f[4]})
		case section == "[imported]" && len(f) == 4:
			list.imported = append(list.imported, Call{f[0], "", f[1], f[2], f[3]})
		default:
			return list, fmt.Errorf("line %q has %d fields below %q, want 5 below [bound] or 4 below [imported]", line, len(f), section)
		}
	}
	return list, nil
}

// CallTables are the tables of docs/macos-calls.md.
func CallTables() string {
	var b strings.Builder
	b.WriteString("## Bound by name\n\n| name | in | prototype | failure | source |\n|---|---|---|---|---|\n")
	for _, c := range calls().bound {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", c.Name, c.Library, c.Prototype, cell(c.Failure), cell(c.Source))
	}
	b.WriteString("\n## Imported, and called by our code\n\n| prototype | failure | source |\n|---|---|---|\n")
	for _, c := range calls().imported {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Prototype, cell(c.Failure), cell(c.Source))
	}
	return b.String()
}

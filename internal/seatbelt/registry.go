package seatbelt

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The facts are a text, one paragraph each: the id, then a line for each field.
//
//go:embed facts.txt
var registry string

// known are those of the registry, in its order.
var known = sync.OnceValue(func() []Fact {
	all, err := parseFacts(registry)
	if err != nil {
		panic("BUG(seatbelt): facts.txt: " + err.Error())
	}
	return all
})

// fields are a paragraph's lines after the id, in this order.
var fields = []string{"claim", "source", "status", "breaks"}

func parseFacts(text string) (all []Fact, err error) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		lines := strings.Split(strings.TrimSuffix(paragraph, "\n"), "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "#") })
		if len(lines) == 0 {
			continue
		}
		f, err := parseFact(lines)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func parseFact(lines []string) (f Fact, err error) {
	f.ID = lines[0]
	if len(lines) != 1+len(fields) {
		return f, fmt.Errorf("%q has %d lines, want %d", f.ID, len(lines), 1+len(fields))
	}
	values := make([]string, len(fields))
	for i, name := range fields {
		found, value, _ := strings.Cut(lines[i+1], " ")
		if found != name {
			return f, fmt.Errorf("%q: line %q, want one that begins with %s", f.ID, lines[i+1], name)
		}
		values[i] = strings.TrimSpace(value)
	}
	f.Claim, f.Source, f.Breaks = values[0], values[1], values[3]
	f.Status, f.On, err = parseStatus(values[2])
	if err != nil {
		return f, fmt.Errorf("%q: %w", f.ID, err)
	}
	return f, nil
}

// parseStatus reads "checked", "assumed" or "verified 14.4.1, 14.8.3".
func parseStatus(text string) (Status, string, error) {
	word, on, _ := strings.Cut(text, " ")
	status := map[string]Status{"verified": Verified, "checked": Checked, "assumed": Assumed}[word]
	if status == "" || (status == Verified) != (on != "") {
		return "", "", fmt.Errorf("status %q, want checked, assumed, or verified with the releases", text)
	}
	return status, on, nil
}

// Package seatbelt is what the project holds to be true of the macOS sandbox,
// without a call to it: the facts with their sources, the numbers of
// sandbox_check, and how a failed apply is read. It is pure, so that all of it
// is tested on Linux; package darwin makes the calls.
package seatbelt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/internal/facts"
)

// Fact is one thing about macOS that the code rests on. Code that rests on it
// says "fact:<ID>" in a comment.
type Fact = facts.Fact

// Status is how well a fact is known.
type Status = facts.Status

const (
	Verified = facts.Verified
	Checked  = facts.Checked
	Assumed  = facts.Assumed
)

// Facts lists all facts, in the order of the table of docs/macos.md.
func Facts() []Fact { return slices.Clone(known()) }

// Unverified lists the facts that nobody is known to have seen on a Mac.
func Unverified() []Fact {
	var out []Fact
	for _, f := range known() {
		if f.Status != Verified {
			out = append(out, f)
		}
	}
	return out
}

// Table is the facts as a Markdown table, for docs/macos.md.
func Table() string {
	var b strings.Builder
	b.WriteString("| fact | claim | source | status | what breaks if it is wrong |\n|---|---|---|---|---|\n")
	for _, f := range known() {
		status := string(f.Status)
		if f.On != "" {
			status += ": " + f.On
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.ID, cell(f.Claim), cell(f.Source), cell(status), cell(f.Breaks))
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

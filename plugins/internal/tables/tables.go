// Package tables writes what the families' Specs say as tables for their
// README.md files.
package tables

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sdk"
)

// Families has a section for each family's probes on a system, by its name. The
// Specs are those of the system that this package was built for.
func Families(system sdk.Platform) map[string]string {
	sections := map[string]string{}
	for _, f := range All() {
		sections[f.Spec.Family] = section(f.Spec, system)
	}
	return sections
}

func section(s *sdk.Spec, system sdk.Platform) string {
	var b strings.Builder
	b.WriteString("| operation | decided on | carrier | held from before sealing | notes |\n|---|---|---|---|---|\n")
	var codes []code
	for _, p := range s.Probes {
		if !slices.Contains(p.Platforms, system) {
			fmt.Fprintf(&b, "| %s | | not on this system | | |\n", p.Operation)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", p.Operation, p.Filter, cell(p.Carrier), held(p), cell(notes(p)))
		for _, r := range p.Results {
			codes = add(codes, r, p.Operation)
		}
	}
	b.WriteString("\n| code | is read as | in | source |\n|---|---|---|---|\n")
	for _, c := range codes {
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s |\n", c.API, name(c.Result), c.Class, strings.Join(c.operations, ", "), cell(c.Source))
	}
	return b.String()
}

// code is a row that several operations may share.
type code struct {
	sdk.Result
	operations []string
}

func add(codes []code, r sdk.Result, operation string) []code {
	for i, c := range codes {
		if c.API == r.API && name(c.Result) == name(r) && c.Class == r.Class && c.Source == r.Source {
			codes[i].operations = append(c.operations, operation)
			return codes
		}
	}
	return append(codes, code{r, []string{operation}})
}

func name(r sdk.Result) string {
	switch {
	case r.Native != nil && r.Native.Code != 0:
		return fmt.Sprintf("%s (%d)", r.Native.Name, r.Native.Code)
	case r.Native != nil:
		return r.Native.Name
	case r.Errno == 0:
		return "0"
	}
	return unix.ErrnoName(r.Errno)
}

func held(p *sdk.Probe) string {
	if p.Handle == nil {
		return ""
	}
	return cell(p.Handle.Kind)
}

func notes(p *sdk.Probe) string {
	var list []string
	if p.PolicyBeforeExistence {
		list = append(list, "missing means that the policy was asked")
	}
	if p.OneWay {
		list = append(list, "success proves nothing, only the effect counts")
	}
	if len(p.Dependencies) > 0 {
		list = append(list, "may first be denied "+strings.Join(p.Dependencies, ", "))
	}
	if len(p.Targets) > 0 {
		list = append(list, "targets "+strings.Join(p.Targets, ", "))
	}
	return strings.Join(list, "; ")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/plan"
)

// TryPlan is the id of the plan and of the profile that hrhost try makes.
const TryPlan = "try"

// Asked is what a command line says of a profile; plan.resolved.json has it
// under these names.
type Asked struct {
	ID     string            `json:"id"`
	Source string            `json:"source"`
	Seal   string            `json:"seal"`
	Params map[string]string `json:"params"`
}

func askedOf(p *plan.Profile) Asked { return Asked{p.ID, p.Source, p.Seal, p.Params} }

// ReproduceTry is the command that makes the attempt of hrhost try again.
func ReproduceTry(a Asked, operation, target string) string {
	return fmt.Sprintf("hrhost try%s %s %s %s", a.flags(), quoted(a.Source), operation, quoted(target))
}

// ReproduceSweep is the command that asks about one target of a sweep again.
func ReproduceSweep(a Asked, operation, target string) string {
	return fmt.Sprintf("hrhost sweep%s --profile %s --operation %s --match %s", a.flags(), quoted(a.Source), operation, quoted(literal(target)))
}

// literal is the pattern that only the target fits.
func literal(target string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(target)
}

func (a Asked) flags() string {
	s := ""
	for _, name := range slices.Sorted(maps.Keys(a.Params)) {
		s += " -D " + quoted(name+"="+a.Params[name])
	}
	if a.Seal == "exec" {
		s += " --seal exec"
	}
	return s
}

// quoted is a word for a shell.
func quoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_:=-") == "" && s != "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

package run

import (
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/mismatch"
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

// reproduceTry is the command of an expectation that hrhost try made, "" of any other.
func reproduceTry(planID string, e *evidence.Evidence) string {
	if planID != TryPlan || e.Profile.ID != TryPlan {
		return ""
	}
	return ReproduceTry(askedOf(e.Profile), e.Question.Operation, e.Question.Target)
}

// ReproduceTry is the command that makes the attempt of hrhost try again.
func ReproduceTry(a Asked, operation, target string) string {
	words := append([]string{"hrhost", "try"}, a.flags()...)
	if strings.HasPrefix(target, "-") || strings.HasPrefix(a.Source, "-") {
		words = append(words, "--")
	}
	return mismatch.Shell(append(words, a.Source, operation, target)...)
}

// ReproduceSweep is the command that asks about one target of a sweep again.
func ReproduceSweep(a Asked, operation, target string) string {
	words := append([]string{"hrhost", "sweep"}, a.flags()...)
	return mismatch.Shell(append(words, "--profile", a.Source, "--operation", operation, "--match", literal(target))...)
}

// literal is the pattern that only the target fits.
func literal(target string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(target)
}

func (a Asked) flags() (words []string) {
	for _, name := range slices.Sorted(maps.Keys(a.Params)) {
		words = append(words, "-D", name+"="+a.Params[name])
	}
	if a.Seal == "exec" {
		words = append(words, "--seal", "exec")
	}
	return words
}

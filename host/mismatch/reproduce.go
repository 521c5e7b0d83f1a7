package mismatch

import "strings"

// Command is the shell command that runs one probe of a plan again. The plan is
// a path, or "" for the default plan that is embedded in hrhost.
func Command(plan, profile, probe string) string {
	words := []string{"hrhost", "run"}
	if strings.HasPrefix(plan, "-") { // it would be taken for a flag
		plan = "./" + plan
	}
	if plan != "" {
		words = append(words, plan)
	}
	return Shell(append(words, "--profile", profile, "--probe", probe)...)
}

package mismatch

import "strings"

// Command is the shell command that runs one probe of a plan again. The plan is
// a path, or "" for the default plan that is embedded in hrhost.
func Command(plan, profile, probe string) string {
	words := []string{"hrhost run"}
	if plan != "" {
		words = append(words, shellWord(plan))
	}
	words = append(words, "--profile", shellWord(profile), "--probe", shellWord(probe))
	return strings.Join(words, " ")
}

// shellWord quotes what a shell would read otherwise.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/:@+,=", r)
	}
	if s != "" && s[0] != '-' && strings.TrimFunc(s, plain) == "" {
		return s
	}
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

package mismatch

import "strings"

// command reproduces one probe.
func (r Run) command(exp Expectation) string {
	return strings.Join([]string{
		"hrhost run", shellWord(r.Plan),
		"--profile", shellWord(exp.ProfileID), "--probe", shellWord(exp.ProbeName),
	}, " ")
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

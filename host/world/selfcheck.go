package world

// fromSandboxCheck is a self check by sandbox_check's answer about this process.
// A question that fails is unknown, whatever came back with the error: it was an
// error in every run of the predecessor, and passed for clean.
func fromSandboxCheck(sandboxed bool, err error) SelfCheck {
	s := SelfCheck{Source: "sandbox_check(getpid(), NULL, 0)"}
	switch {
	case err != nil:
		s.Findings = []string{err.Error()}
	case sandboxed:
		s.Sandboxed, s.Findings = &sandboxed, []string{"this process has a sandbox already"}
	default:
		s.Sandboxed = &sandboxed
	}
	return s
}

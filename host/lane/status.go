package lane

// RuntimeStatus is the one word a runtime or baseline row has for its outcome:
// success, errno, blocked, died, timeout, not_reached or unsupported.
func RuntimeStatus(a Attempt) string {
	a = a.normal()
	return find(a).status(a.Result)
}

func (f finding) status(result ResultClass) string {
	switch {
	case f.rule == RuleUnsupported:
		return "unsupported"
	case f.rule == RuleNotApplied || f.rule == RuleNotPrepared:
		return "blocked"
	case f.rule == RuleUnfinished && (f.reason == ProbeDied || f.verdict == Deny):
		return "died"
	case f.reason == ProbeTimeout:
		return "timeout"
	case f.rule == RuleUnfinished:
		return "not_reached"
	case result == OK:
		return "success"
	}
	return "errno"
}

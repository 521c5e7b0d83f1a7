package lane

// RuntimeStatus is the one word a runtime or baseline row has for its outcome:
// success, errno, blocked, died, timeout, not_reached or unsupported.
func RuntimeStatus(a Attempt) string {
	a = a.normal()
	return find(a).status(a.Result)
}

func (f finding) status(result ResultClass) string {
	switch {
	case f.rule == 1:
		return "unsupported"
	case f.rule == 2 || f.rule == 3:
		return "blocked"
	case f.rule == 4 && (f.reason == ProbeDied || f.verdict == Deny):
		return "died"
	case f.reason == ProbeTimeout:
		return "timeout"
	case f.rule == 4:
		return "not_reached"
	case result == OK:
		return "success"
	}
	return "errno"
}

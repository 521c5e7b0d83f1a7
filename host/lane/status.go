package lane

// RuntimeStatus is the one word a runtime or baseline row has for its outcome:
// success, errno, blocked, died, timeout, not_reached or unsupported.
func RuntimeStatus(a Attempt) string {
	switch d := find(a.normal()); {
	case d.rule == 1:
		return "unsupported"
	case d.rule == 2 || d.rule == 3:
		return "blocked"
	case d.rule == 4 && (d.reason == ProbeDied || d.verdict == Deny):
		return "died"
	case d.reason == ProbeTimeout:
		return "timeout"
	case d.rule == 4:
		return "not_reached"
	}
	if a.Result == OK {
		return "success"
	}
	return "errno"
}

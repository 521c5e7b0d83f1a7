package selftest

import "fmt"

// Outcome is how an experiment about a fact came out.
type Outcome string

const (
	Pass          Outcome = "pass"           // the claim was seen to hold
	Fail          Outcome = "fail"           // something else was seen, or the experiment did not survive
	NotApplicable Outcome = "not_applicable" // this machine does not have what the claim is about, or it can only be read
	Incomplete    Outcome = "incomplete"     // the experiment could not be carried out
)

// Verdict is an outcome with what was seen, for people.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Seen    string  `json:"seen"`
}

// Held says that the claim was seen to hold.
func Held(format string, args ...any) Verdict { return Verdict{Pass, fmt.Sprintf(format, args...)} }

// Refuted says that something else than the claim was seen.
func Refuted(format string, args ...any) Verdict { return Verdict{Fail, fmt.Sprintf(format, args...)} }

// NotHere says that this machine does not have what the claim is about.
func NotHere(format string, args ...any) Verdict {
	return Verdict{NotApplicable, fmt.Sprintf(format, args...)}
}

// Undone says that the experiment could not be carried out.
func Undone(format string, args ...any) Verdict {
	return Verdict{Incomplete, fmt.Sprintf(format, args...)}
}

// Check holds when all findings do, and otherwise says which do not. seen is
// what to say when they hold.
func Check(seen string, findings ...Finding) Verdict {
	wrong := ""
	for _, f := range findings {
		if f.Got != f.Want {
			wrong += fmt.Sprintf("; %s: %v, not %v", f.What, f.Got, f.Want)
		}
	}
	if wrong != "" {
		return Refuted("%s", wrong[2:])
	}
	return Held("%s", seen)
}

// Finding is one thing that was looked at. Got and Want are comparable.
type Finding struct {
	What      string
	Got, Want any
}

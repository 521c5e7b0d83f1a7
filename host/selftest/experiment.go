package selftest

import (
	"fmt"
	"time"
)

// Experiment tries one fact.
type Experiment struct {
	Fact string // its id

	// Run tries the claim, in a process of its own and on its first thread. Nil
	// where OnlyRead is set.
	Run func(*Trial) Verdict

	// Roles are what helper processes of this experiment do, see [Trial.Start].
	Roles map[string]func(*Part)

	// OnlyRead is why no experiment can show the claim to be right or wrong.
	OnlyRead string

	// Deadline is how long Run may take; 0 is [DefaultDeadline].
	Deadline time.Duration
}

// DefaultDeadline is far more than an experiment takes on a busy machine.
const DefaultDeadline = 20 * time.Second

func (e *Experiment) deadline() time.Duration {
	if e.Deadline > 0 {
		return e.Deadline
	}
	return DefaultDeadline
}

// Find is the experiment about a fact, nil for none.
func Find(all []*Experiment, fact string) *Experiment {
	for _, e := range all {
		if e.Fact == fact {
			return e
		}
	}
	return nil
}

// Audit says what is wrong with a set of experiments: a fact of needed that has
// none, one that is tried twice or is not in known, one that neither runs nor
// says why not.
func Audit(all []*Experiment, known, needed []string) []string {
	var wrong []string
	is, seen := map[string]bool{}, map[string]bool{}
	for _, id := range known {
		is[id] = true
	}
	for _, e := range all {
		switch {
		case !is[e.Fact]:
			wrong = append(wrong, fmt.Sprintf("%s is no fact", e.Fact))
		case seen[e.Fact]:
			wrong = append(wrong, fmt.Sprintf("%s has two experiments", e.Fact))
		case (e.Run == nil) == (e.OnlyRead == ""):
			wrong = append(wrong, fmt.Sprintf("%s must either run or say why it can only be read", e.Fact))
		}
		seen[e.Fact] = true
	}
	for _, id := range needed {
		if !seen[id] {
			wrong = append(wrong, fmt.Sprintf("%s has no experiment and no reason why it can only be read", id))
		}
	}
	return wrong
}

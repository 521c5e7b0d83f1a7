// Package linux is what hrhost holds to be true of Linux, and the experiments
// that try it. The facts are plain data and compile everywhere; the experiments
// are system calls. Each fact names the places that rest on it, with words that
// stand there.
package linux

import (
	"slices"

	"github.com/hrhost/hrhost/internal/facts"
)

// Facts lists all facts, in the order in which a run meets them.
func Facts() []facts.Fact {
	return slices.Concat(programFacts, processFacts, seccompFacts, memoryFacts, procFacts, landlockFacts, messageFacts, busFacts)
}

// kernel is where this project's measurements were made.
const kernel = "6.18 amd64"

func measured(id, claim, source, breaks string, rested ...string) facts.Fact {
	return facts.Fact{ID: id, Claim: claim, Source: source, Status: facts.Measured, On: kernel, Breaks: breaks, RestedOn: rested}
}

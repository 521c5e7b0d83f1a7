package bundle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/internal/english"
)

// Note is something about expectations that are met, of which a person should
// know. It changes no exit code.
type Note struct {
	Code         string   `json:"code"`
	Count        int      `json:"count"`        // expectations
	Expectations []string `json:"expectations"` // the first in the order of their bytes, at most MaxNoted
}

// DeniedTargetAbsent is the code of denials of targets that do not exist, and that
// the plan does not mark as absent.
const DeniedTargetAbsent = "denied_target_absent"

// MaxNoted bounds the expectations that a note names: the summary does not grow
// with the plan.
const MaxNoted = 10

// AddNote counts an expectation to the note of a code. Which order the expectations
// come in makes no difference.
func AddNote(notes []Note, code, expectation string) []Note {
	i, found := slices.BinarySearchFunc(notes, code, func(n Note, code string) int { return strings.Compare(n.Code, code) })
	if !found {
		notes = slices.Insert(notes, i, Note{Code: code})
	}
	n := &notes[i]
	n.Count++
	at, _ := slices.BinarySearch(n.Expectations, expectation)
	n.Expectations = slices.Insert(n.Expectations, at, expectation)
	n.Expectations = n.Expectations[:min(len(n.Expectations), MaxNoted)]
	return notes
}

// String is the note in one sentence.
func (n Note) String() string {
	var names []string
	for _, id := range n.Expectations {
		names = append(names, strings.TrimSuffix(id, "@after"))
	}
	text := strings.Join(names, ", ")
	if more := n.Count - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if n.Code != DeniedTargetAbsent {
		return n.Code + ": " + text
	}
	return fmt.Sprintf("%s without a sandbox too: %s; absent = true in the plan marks a target that is absent on purpose",
		english.Count(n.Count, "denied target is absent", "denied targets are absent"), text)
}

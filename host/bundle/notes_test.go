package bundle

import (
	"strings"
	"testing"
)

func TestAddNote(t *testing.T) {
	var notes []Note
	for _, id := range strings.Split("m l k j i h g f e d c b a", " ") {
		notes = AddNote(notes, DeniedTargetAbsent, id+"@after")
	}
	const want = "13 denied targets are absent without a sandbox too: a, b, c, d, e, f, g, h, i, j and 3 more; absent = true in the plan marks a target that is absent on purpose"
	if len(notes) != 1 || notes[0].String() != want {
		t.Errorf("%v", notes)
	}
}

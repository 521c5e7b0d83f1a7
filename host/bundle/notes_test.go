package bundle

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// absentTarget has the denied probe find nothing without a sandbox.
func (f *fixture) absentTarget() {
	base, errno := &f.baseline[1], 2
	base.RuntimeStatus, base.Result = "errno", lane.Result{Class: lane.Missing, API: "open", Errno: &errno, ErrnoName: "ENOENT"}
}

// TestNotes: a denied target that is absent without a sandbox is noted, unless the
// plan marks it, and the note is derived again.
func TestNotes(t *testing.T) {
	note := func(ids ...string) []Note {
		return []Note{{DeniedTargetAbsent, len(ids), ids}}
	}
	const id, invalid = "sysctl.strict:denied@after", "the notes are not those that the rows and the plan make"
	for _, c := range []struct {
		name   string
		absent bool // the target
		marked bool
		notes  []Note
		valid  bool
	}{
		{"there", false, false, []Note{}, true},
		{"noted", true, false, note(id), true},
		{"not noted", true, false, []Note{}, false},
		{"marked", true, true, []Note{}, true},
		{"marked and noted", true, true, note(id), false},
		{"there and noted", false, false, note(id), false},
		{"another noted", true, false, note("sysctl.strict:allowed@after"), false},
		{"of another code", true, false, []Note{{"other", 1, []string{id}}}, false},
		{"another count", true, false, []Note{{DeniedTargetAbsent, 2, []string{id}}}, false},
	} {
		f := newFixture()
		f.summary.Notes = c.notes
		if f.absent = c.marked; c.absent {
			f.absentTarget()
		}
		r, err := Verify(f.write(t))
		must(t, err)
		if r.Valid != c.valid || !c.valid && r.Findings[0].Message != invalid {
			t.Errorf("%s: %v", c.name, r.Findings)
		}
	}
}

// TestOldSummary: a summary from before there were notes has none, and may not.
func TestOldSummary(t *testing.T) {
	for _, c := range []struct {
		version int
		notes   []Note
		valid   bool
	}{{1, nil, true}, {1, []Note{}, false}, {2, nil, false}, {2, []Note{{DeniedTargetAbsent, 1, []string{"sysctl.strict:denied@after"}}}, true}} {
		f := newFixture()
		f.absentTarget()
		f.summary.Notes, f.summary.SchemaVersion = c.notes, ""
		written(t, SummaryJSON, c.version)
		dir := f.write(t)
		revisions[SummaryJSON] = 2
		r, err := Verify(dir)
		must(t, err)
		if r.Valid != c.valid {
			t.Errorf("version %d, notes %v: %v", c.version, c.notes, r.Findings)
		}
	}
}

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

package verify

import (
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
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
	note := func(ids ...string) []bundle.Note {
		return []bundle.Note{{Code: bundle.DeniedTargetAbsent, Count: len(ids), Expectations: ids}}
	}
	const id, invalid = "sysctl.strict:denied@after", "the notes are not those that the rows and the plan make"
	for _, c := range []struct {
		name   string
		absent bool // the target
		marked bool
		notes  []bundle.Note
		valid  bool
	}{
		{"there", false, false, []bundle.Note{}, true},
		{"noted", true, false, note(id), true},
		{"not noted", true, false, []bundle.Note{}, false},
		{"marked", true, true, []bundle.Note{}, true},
		{"marked and noted", true, true, note(id), false},
		{"there and noted", false, false, note(id), false},
		{"another noted", true, false, note("sysctl.strict:allowed@after"), false},
		{"of another code", true, false, []bundle.Note{{Code: "other", Count: 1, Expectations: []string{id}}}, false},
		{"another count", true, false, []bundle.Note{{Code: bundle.DeniedTargetAbsent, Count: 2, Expectations: []string{id}}}, false},
	} {
		f := newFixture()
		f.summary.Notes = c.notes
		if f.absent = c.marked; c.absent {
			f.absentTarget()
		}
		r, err := Bundle(f.write(t))
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
		notes   []bundle.Note
		valid   bool
	}{{1, nil, true}, {1, []bundle.Note{}, false}, {2, nil, false}, {2, []bundle.Note{{Code: bundle.DeniedTargetAbsent, Count: 1, Expectations: []string{"sysctl.strict:denied@after"}}}, true}} {
		f := newFixture()
		f.absentTarget()
		f.summary.Notes, f.versions = c.notes, map[string]int{bundle.SummaryJSON: c.version}
		dir := f.write(t)
		r, err := Bundle(dir)
		must(t, err)
		if r.Valid != c.valid {
			t.Errorf("version %d, notes %v: %v", c.version, c.notes, r.Findings)
		}
	}
}

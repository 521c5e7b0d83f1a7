package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// TestOthersUnread is the hostile plugin that pries into what is another's, beside
// an honest one, for every kind of user.
func TestOthersUnread(t *testing.T) {
	h := hostile{name: "trespass"}
	text := hostilePlan(t, []hostile{h})
	p := &planted{t: t, known: filepath.Join(programDir(text), "known")}
	f := runHere(t, text, &setup{before: p.plant, started: p.tell, after: p.remove})
	f.sealedHere()
	f.whole(6)
	f.quoted(h)
	var m bundle.Manifest
	if err := bundle.ReadDocument(f.Dir, bundle.RunManifest, &m); err != nil {
		t.Fatal(err)
	}
	if m.Containment.Landlock.Reads != bundle.ReadsFenced || len(m.Containment.Missing) > 0 || !f.holds("landlock_layer") {
		t.Errorf("containment %+v", m.Containment)
	}
}

// TestFenceIsNoPolicy: what the fence costs, a file made during the run right
// beside the way, is unreadable without a sandbox too. The baseline says that it
// was contained, and nobody decides. A file that was there before is read, and
// one made deeper.
func TestFenceIsNoPolicy(t *testing.T) {
	dir := tempDir(t)
	program := filepath.Join(dir, "hrhost-probe-files")
	if err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), program); err != nil {
		t.Fatal(err)
	}
	early, deeper := write(t, dir, "early", "early"), filepath.Join(dir, "deeper")
	late := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+".late") // beside the run's own directory
	t.Cleanup(func() { os.Remove(late) })
	probes := ""
	for id, path := range map[string]string{"early": early, "deeper": deeper, "late": late} {
		probes += fmt.Sprintf("{ id = %q, op = \"file-read-data\", target = %q, expect = \"any\" },\n", id, path)
	}
	text := planOf("files", "", probes) + fmt.Sprintf("[plugin.files]\npath = %q\n", program)
	f := runHere(t, text, &setup{started: func() {
		write(t, filepath.Dir(late), filepath.Base(late), "late")
		write(t, dir, "deeper", "deeper")
	}})
	f.sealedHere()
	f.whole(3)
	for _, r := range f.baseline {
		refused := r.Filter.Value == late
		if r.Contained != refused || (r.Result.Class == lane.OK) == refused {
			t.Errorf("baseline of %s: contained %t, %+v", r.ExpectationID, r.Contained, r.Result)
		}
	}
	for _, r := range f.rows {
		refused := r.Filter.Value == late
		if r.Decision.Verdict != nil || r.Decision.Reason != lane.NotMediated || (r.Result.Class == lane.OK) == refused {
			t.Errorf("%s: %+v by %s", r.ExpectationID, r.Result, r.Decision.Reason)
		}
		if refused && r.Result.ErrnoName != "EACCES" {
			t.Errorf("%s: %+v", r.ExpectationID, r.Result)
		}
	}
}

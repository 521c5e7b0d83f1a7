package faults

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
)

// The faults of hrhost-probe-fault, and what becomes of a run of three probes.
var pluginFaults = []struct {
	name string
	exit int
}{
	{"segv-start", 3}, {"exit0", 3}, {"exit7", 3}, {"panic-start", 3}, {"hang-start", 3},
	{"garbage", 3}, {"binary", 3}, {"endless-line", 3}, {"flood-stdout", 3}, {"flood-stderr", 3},
	{"version", 3}, {"core", 3}, {"netrpc", 3}, {"elsewhere", 3}, {"tcp", 3}, {"nobody-there", 3}, {"deaf", 3},
	{"missing", 3}, {"not-executable", 3}, {"directory", 3}, {"script", 3}, {"junk", 3}, {"other-digest", 3},
	{"liar", 3}, {"refuses", 3}, {"hang-prepare", 3}, {"hang-seal", 3}, {"big", 3}, {"no-probes", 3},
	{"segv", 3}, {"panics", 3}, {"exits", 3}, {"hang", 3}, {"stops", 3}, {"no-call", 3}, {"pretends", 1},
	{"twice", 3}, {"foreign", 3}, {"flood", 3}, {"calls", 3}, {"truncated", 3}, {"early", 3},
	{"grandchild", 0}, {"stays", 0}, {"log", 3},
}

// deadlines are short where they are what a fault is about. Where something must
// come before it, a virtual machine may stand still meanwhile.
var deadlines = map[string]probing.Deadlines{
	"hang-start":   {Start: 300 * time.Millisecond},
	"flood-stderr": {Start: 6 * time.Second},
	"deaf":         {Start: 8 * time.Second, Call: 200 * time.Millisecond},
	"hang-prepare": {Call: 5 * time.Second},
	"hang-seal":    {Call: 5 * time.Second},
	"stays":        {Stop: 300 * time.Millisecond},
	"no-probes":    {Stop: 300 * time.Millisecond},
}

func TestPluginFaults(t *testing.T) {
	var story bytes.Buffer
	told := 0
	bin(t) // building is not held against the first
	for _, c := range pluginFaults {
		t.Run(c.name, func(t *testing.T) {
			begun := time.Now()
			f := runHere(t, faultPlan(t, c.name), &setup{limits: deadlines[c.name]})
			f.sealedHere()
			f.whole(3)
			if f.Exit != c.exit {
				t.Errorf("exit code %d, want %d", f.Exit, c.exit)
			}
			if took := time.Since(begun); took > patience {
				t.Errorf("the host was held up for %s", took)
			}
			tell(&story, c.name, f)
			told++
			switch log := f.log("p"); {
			case c.name == "log" && !strings.HasSuffix(log, "\nthe last line\n"):
				t.Error("the log lost the last line")
			case len(log) > 2*launch.MaxLog+1000: // of two processes
				t.Errorf("a log of %d bytes", len(log))
			}
		})
	}
	if told == len(pluginFaults) { // and not some of them, by -run
		golden(t, "plugin_faults.txt", story.Bytes())
	}
}

// faultPlan names the plugin of a fault; those that are about the file are made
// here.
func faultPlan(t *testing.T, name string) string {
	t.Helper()
	dir := tempDir(t)
	path, more := filepath.Join(dir, "hrhost-probe-"+name), ""
	var err error
	switch name {
	case "missing":
	case "not-executable":
		err = os.WriteFile(path, []byte("x"), 0o644)
	case "directory":
		err = os.Mkdir(path, 0o755)
	case "script":
		err = os.WriteFile(path, []byte("#!/bin/sh\nexit 0\n"), 0o755)
	case "junk":
		err = os.WriteFile(path, []byte("not a program\n"), 0o755)
	case "other-digest":
		more = fmt.Sprintf("sha256 = \"%064d\"\n", 0)
		fallthrough
	default:
		err = os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path)
	}
	if err != nil {
		t.Fatal(err)
	}
	more = fmt.Sprintf("path = %q\n%s", path, more)
	timeout := "30s"
	if name == "hang" || name == "stops" {
		timeout = "5s"
	}
	if name == "refuses" {
		more += "options = { colour = \"red\" }\n"
	}
	return planOf(name, fmt.Sprintf("timeout = %q", timeout), threeProbes) + fmt.Sprintf("[plugin.%s]\n%s", name, more)
}

// tell writes what a person is told, without what differs between machines.
func tell(w *bytes.Buffer, name string, f *finished) {
	fmt.Fprintf(w, "== %s: exit %d\n", name, f.Exit)
	for _, n := range f.notes {
		fmt.Fprintln(w, "   "+plain(n))
	}
	for _, r := range f.rows {
		decided := "null"
		if r.Decision.Verdict != nil {
			decided = string(*r.Decision.Verdict)
		}
		fmt.Fprintf(w, "%-6s %-10s %-5s %s at %s", r.ProbeName, r.RuntimeStatus, decided, r.Decision.Reason, r.Stage)
		if r.Detail != "" {
			fmt.Fprintf(w, "\n       %s", plain(r.Detail))
		}
		fmt.Fprintln(w)
	}
}

var unstable = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`/tmp/hrf\.[0-9]+`), "TMP"},
	{regexp.MustCompile(`hr\.[0-9]+`), "hr.N"},
	{regexp.MustCompile(`plugin-dir[0-9]+`), "plugin-dirN"},
	{regexp.MustCompile(`sha256:[0-9a-f]{64}`), "sha256:DIGEST"},
	{regexp.MustCompile(`[flod]*( flood){5,} ?[flod]*`), "flood flood"}, // cut where it is cut
	{regexp.MustCompile(`goroutine [0-9]+`), "goroutine N"},
	{regexp.MustCompile(`0x[0-9a-f]+`), "0xN"},
	{regexp.MustCompile(`\n`), "\n       "},
}

func plain(s string) string {
	for _, u := range unstable {
		s = u.what.ReplaceAllString(s, u.by)
	}
	return s
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", path, cmp.Diff(string(want), string(got)))
	}
}

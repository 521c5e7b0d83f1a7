package clean

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The state machine of launchd_clean against a fake launchctl that really starts
// the jobs. Every scene ends with nothing left: no root, no process, no job.

func TestJobSucceeds(t *testing.T) {
	s := newScene(t, "")
	a := s.run()
	if a.Code != 0 || a.Error != "" {
		t.Errorf("%+v", a)
	}
	if want := []state{staging, starting, running, removing, delivering, over}; !slices.Equal(a.States, want) {
		t.Errorf("states %q", a.States)
	}
	if s.read(s.stdout) != "worker is here\n" || s.read(s.stderr) != "" {
		t.Errorf("stdout %q, stderr %q", s.read(s.stdout), s.read(s.stderr))
	}
	if !strings.Contains(s.asked(), "\nbootout gui/") {
		t.Errorf("not booted out: %s", s.asked())
	}
	if _, err := os.Stat(s.ask.Logs); err == nil {
		t.Error("logs of a run that went well are kept")
	}
}

func TestJobsExitCodeIsTheRuns(t *testing.T) {
	if a := newScene(t, "fail").run(); a.Code != 3 || a.Error != "" {
		t.Errorf("%+v", a)
	}
}

// TestJobIsClean: nothing of the asking process or of launchd's own settings
// reaches the worker, but for the named variables.
func TestJobIsClean(t *testing.T) {
	s := newScene(t, "report")
	s.run()
	var got struct {
		Env   []string `json:"env"`
		WD    string   `json:"wd"`
		FDs   []string `json:"fds"`
		Stage string   `json:"stage"`
	}
	_, text, _ := strings.Cut(s.read(s.stdout), "\n")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	for _, e := range got.Env {
		name, _, _ := strings.Cut(e, "=")
		if !slices.Contains(append([]string{envStage, envShown, envRequest, envTemp}, keep...), name) {
			t.Errorf("the worker has %s", e)
		}
	}
	if got.WD != wd() {
		t.Errorf("it works in %s, not in %s", got.WD, wd())
	}
	if !slices.Equal(got.FDs, []string{"0", "1", "2"}) {
		t.Errorf("what it starts gets descriptors %q", got.FDs)
	}
	if filepath.Dir(filepath.Dir(got.Stage)) != s.ask.Parent {
		t.Errorf("its root is %s", got.Stage)
	}
}

// TestEarlyOutputEndsNothing: what a job prints does not end it, and all of it is
// passed on.
func TestEarlyOutputEndsNothing(t *testing.T) {
	s := newScene(t, "early")
	s.begin()
	s.untilWorks()
	if s.read(s.ask.Task.Note+".pid") == "" || strings.Contains(s.read(s.stdout), "done") {
		t.Error("what was printed first was not passed on first")
	}
	s.goOn()
	if a := s.end(); a.Code != 1 || a.Error != "" {
		t.Errorf("%+v", a)
	}
	if s.read(s.stdout) != "worker is here\ndone\n" || s.read(s.stderr) != "a warning\n" {
		t.Errorf("stdout %q, stderr %q", s.read(s.stdout), s.read(s.stderr))
	}
	if _, err := os.Stat(s.ask.Task.Note); err != nil {
		t.Error("the job was not let finish")
	}
}

// TestOrderOfOutput: at a terminal, where both streams are one, the order stays.
func TestOrderOfOutput(t *testing.T) {
	s := newScene(t, "early")
	s.stderr = s.stdout
	s.goOn()
	s.run()
	if got := s.read(s.stdout); got != "worker is here\na warning\ndone\n" {
		t.Errorf("%q", got)
	}
}

func TestNoGraphicalSession(t *testing.T) {
	s := newScene(t, "")
	os.Remove(filepath.Join(s.fake, "gui"))
	if a := s.run(); a.Code != 0 || a.Error != "" || !strings.Contains(s.asked(), "bootstrap user/") || strings.Contains(s.asked(), "bootstrap gui/") {
		t.Errorf("%+v\n%s", a, s.asked())
	}
}

// TestSessionThatTakesNoJobs: the graphical session is there and refuses, so the
// background session is asked.
func TestSessionThatTakesNoJobs(t *testing.T) {
	s := newScene(t, "")
	s.set("fail.bootstrap", domain(os.Getuid(), true)+" 125 Domain does not support specified action")
	if a := s.run(); a.Code != 0 || a.Error != "" || !strings.Contains(s.asked(), "bootstrap user/") {
		t.Errorf("%+v\n%s", a, s.asked())
	}
}

func TestBootstrapFails(t *testing.T) {
	for _, c := range []struct {
		name, fail, sandboxed string
		kind                  Kind
		words                 []string
	}{
		{"5", "5 Input/output error", "no", BootstrapFailed, []string{"launchd refuses the job", "Bootstrap failed: 5: Input/output error", "exit code 5"}},
		{"5 in a sandbox", "5 Input/output error", "yes", CallerSandboxed, []string{"takes no jobs from inside a sandbox"}},
		{"5, nobody knows", "5 Input/output error", "dlopen failed", BootstrapFailed, []string{"whether something confines hrhost is unknown: dlopen failed"}},
		{"109", "109 Invalid property list", "no", PlistInvalid, []string{"does not accept the job's description"}},
		{"134", "134 Service cannot load in requested session", "no", DomainMismatch, []string{"no session of this user", "bootstrap user/"}},
		{"1", "1 Operation not permitted", "no", NotPermitted, []string{"this user may not start jobs"}},
		{"155", "155 Refusing to execute/trust quarantined program/file", "no", Quarantined, []string{"quarantined"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, "")
			s.set("fail.bootstrap", c.fail)
			s.ask.Sandboxed = c.sandboxed
			a := s.run()
			a.wants(t, c.kind, c.words...)
			if !strings.Contains(s.asked(), "\nbootout ") {
				t.Error("a job that may be loaded by half was not booted out")
			}
			s.kept(a, "launchctl.txt", "bootstrap")
			s.kept(a, filePlist, "<key>Label</key>")
		})
	}
}

// kept checks a file of what was kept, and that a hint names the place.
func (s *scene) kept(a answer, name, words string) {
	s.t.Helper()
	dirs, _ := filepath.Glob(filepath.Join(s.ask.Logs, "org.hrhost.*"))
	if len(dirs) != 1 || !slices.ContainsFunc(a.Hints, func(h string) bool { return strings.HasSuffix(h, dirs[0]) }) {
		s.t.Errorf("kept %q, hints %q", dirs, a.Hints)
		return
	}
	if text := s.read(filepath.Join(dirs[0], name)); !strings.Contains(text, words) {
		s.t.Errorf("%s has no %q: %q", name, words, text)
	}
}

func TestNoLaunchctl(t *testing.T) {
	s := newScene(t, "")
	s.ask.Launchctl += ".missing"
	s.run().wants(t, NoLaunchctl, "no such file")
}

func TestLaunchctlHangs(t *testing.T) {
	t.Parallel() // it only waits
	s := newScene(t, "")
	s.set("hang.bootstrap", "")
	s.ask.Answer = 15 * time.Second // which the other answers take nothing of
	s.run().wants(t, NoLaunchctl, "bootstrap: no answer for 15s")
}

// TestSpawnFails: launchd has the job and cannot start it. The job's own limit is
// far away: what launchd tells is the reason to stop waiting.
func TestSpawnFails(t *testing.T) {
	for name, c := range map[string]struct {
		print string
		kind  Kind
		words string
	}{
		"configuration": {"\tjob state = spawn failed\n\tlast exit code = 78: EX_CONFIG\n", SpawnFailed, "exit code 78: EX_CONFIG"},
		"signature":     {"\tlast terminating signal = Killed: 9\n\tlast exit reason = OS_REASON_CODESIGNING\n", BadSignature, "its signature is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, "")
			s.ask.Start = time.Hour // launchd tells sooner
			s.set("spawn-failed", c.print)
			s.run().wants(t, c.kind, c.words)
		})
	}
}

func TestJobNeverBegins(t *testing.T) {
	s := newScene(t, "")
	s.ask.Start = 200 * time.Millisecond
	s.ask.Program = script1(t, "exec sleep 3600")
	s.run().wants(t, NeverBegan, "did not begin in time")
}

// script1 is a program that the job's shell runs in hrhost's place.
func script1(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hr host")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestProgramDoesNotRun: what stands in hrhost's place ends before it begins.
func TestProgramDoesNotRun(t *testing.T) {
	for _, c := range []struct {
		name, text string
		quarantine bool
		kind       Kind
		words      string
	}{
		{"killed", "kill -9 $$", false, BadSignature, "macOS killed hrhost before it began"},
		{"killed and downloaded", "kill -9 $$", true, Quarantined, "quarantined"},
		{"refused", "echo 'sh: hrhost: Operation not permitted' >&2; exit 126", false, Protected, "Operation not permitted"},
		{"refused and downloaded", "echo 'sh: hrhost: Operation not permitted' >&2; exit 126", true, Quarantined, "Operation not permitted"},
		{"not executable", "echo 'sh: hrhost: cannot execute binary file' >&2; exit 126", false, NotStarted, "cannot execute"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, "")
			s.ask.Program, s.ask.Quarantine = script1(t, c.text), c.quarantine
			a := s.run()
			a.wants(t, c.kind, c.words)
			s.kept(a, "launchctl.txt", "$ launchctl print gui/")
		})
	}
	s := newScene(t, "")
	s.ask.Program += "/nowhere/hrhost"
	s.run().wants(t, NotStarted, "nowhere/hrhost: no such file")
}

func TestJobCrashes(t *testing.T) {
	for act, words := range map[string]string{"panic": "aborted", "segv": "aborted", "kill": "killed"} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, act)
			a := s.run()
			a.wants(t, Died, "was ended: signal: "+words)
			s.kept(a, fileStdout, "worker is here")
			if want := []state{staging, starting, running, collecting, removing, delivering, over}; !slices.Equal(a.States, want) {
				t.Errorf("states %q", a.States)
			}
		})
	}
}

func TestHalfAResult(t *testing.T) {
	for act, words := range map[string]string{"half": "ended before it wrote the exit status", "garbage": `its exit status reads "0 or so"`} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			newScene(t, act).run().wants(t, NoResult, "no whole result", words)
		})
	}
}

// TestPrivateDirectory: what macOS keeps from a job is told in a sentence.
func TestPrivateDirectory(t *testing.T) {
	denied := &os.PathError{Op: "chdir", Path: "/Users/x/Documents", Err: os.ErrPermission}
	f := failureOf(enter("/Users/x/Documents", func(string) error { return denied }), Died)
	if f.Kind != Protected || !strings.Contains(f.Error(), "/Users/x/Documents") || !strings.Contains(f.Hints()[0], "Desktop, Documents") {
		t.Errorf("%v, %q", f, f.Hints())
	}
	if err := enter(wd(), os.Chdir); err != nil {
		t.Error(err)
	}
}

// TestJobReadsCopies: the job needs nothing from where its asker has it, itself
// least of all.
func TestJobReadsCopies(t *testing.T) {
	s := newScene(t, "read")
	s.ask.Task.Read = filepath.Join(t.TempDir(), "plan.toml")
	missing := filepath.Join(s.dir, "missing")
	s.ask.Files = []string{s.ask.Task.Read, missing, s.ask.Task.Read}
	if err := os.WriteFile(s.ask.Task.Read, []byte("the plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	if a := s.run(); a.Code != 0 || a.Error != "" {
		t.Errorf("%+v", a)
	}
	if got := s.read(s.stdout); !strings.Contains(got, "\n"+s.ask.Parent+"/hrhost.") || !strings.Contains(got, "/plan.toml the plan <nil>") {
		t.Errorf("%q", got)
	}
	if plist := s.read(filepath.Join(s.fake, "bootstrapped")); !strings.Contains(plist, "<string>"+s.ask.Parent+"/hrhost.") || strings.Contains(plist, "<string>"+exe()+"<") {
		t.Errorf("the job runs %s", plist)
	}
}

func TestTooMuchToCopy(t *testing.T) {
	s := newScene(t, "")
	big := filepath.Join(s.dir, "big")
	if err := errors.Join(os.WriteFile(big, nil, 0o600), os.Truncate(big, maxCopies)); err != nil {
		t.Fatal(err)
	}
	s.ask.Files = []string{big}
	s.run().wants(t, NoStage, "programs, plan and profiles have 5", "takes 512")
}

// results is what is below Out.
func (s *scene) results() string {
	var all []string
	filepath.WalkDir(s.ask.Out, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(s.ask.Out, path)
		if target, err := os.Readlink(path); err == nil {
			rel += "->" + target
		} else if d != nil && d.IsDir() {
			return nil
		}
		all = append(all, rel)
		return err
	})
	return strings.Join(all, " ")
}

func TestResultsAreMoved(t *testing.T) {
	for _, tmpfs := range []string{"", "256m"} { // the same file system, and another
		t.Run(tmpfs, func(t *testing.T) {
			s := newScene(t, "result")
			s.ask.Out, s.ask.Tmpfs = filepath.Join(s.dir, "out"), tmpfs
			if a := s.run(); a.Code != 0 || a.Error != "" {
				t.Errorf("%+v", a)
			}
			if got := s.results(); got != "LATEST->runs/r1 runs/r1/logs/x.log summary.md->LATEST/summary.md" {
				t.Errorf("%q", got)
			}
			if got := s.read(s.stdout); got != "worker is here\n"+s.ask.Out+"/runs/r1\n" {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestPartialResults: what a killed worker left is there to look at.
func TestPartialResults(t *testing.T) {
	s := newScene(t, "partial")
	s.ask.Out = filepath.Join(s.dir, "out")
	s.run().wants(t, Died, "killed")
	if got := s.results(); got != "runs/r2.partial/logs/x.log" {
		t.Errorf("%q", got)
	}
}

// withoutPlace runs where the results have none, and is what the asker was told.
func (s *scene) withoutPlace(t *testing.T) (a answer) {
	t.Helper()
	s.ask.Out = filepath.Join(s.dir, "out")
	if err := os.WriteFile(s.ask.Out, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.begin()
	s.cmd.Wait()
	json.Unmarshal([]byte(s.read(filepath.Join(s.dir, "asking.answer"))), &a)
	return a
}

// TestUndelivered: results that have no place are not thrown away.
func TestUndelivered(t *testing.T) {
	s := newScene(t, "result")
	a := s.withoutPlace(t)
	a.wants(t, Undelivered, "could not be moved where they belong")
	kept, _ := filepath.Glob(filepath.Join(s.ask.Parent, "kept-hrhost.*", "out"))
	if len(kept) != 1 || s.read(filepath.Join(kept[0], "runs/r1/logs/x.log")) != "r1" || !slices.ContainsFunc(a.Hints, func(h string) bool { return strings.HasSuffix(h, kept[0]) }) {
		t.Errorf("kept %q, hints %q", kept, a.Hints)
	}
}

// TestUndeliveredAfterAFailure: one does not hide the other.
func TestUndeliveredAfterAFailure(t *testing.T) {
	s := newScene(t, "partial")
	a := s.withoutPlace(t)
	a.wants(t, Undelivered, "could not be moved", "and before that: the process that did the run was ended: signal: killed")
}

func TestInterrupted(t *testing.T) {
	s := newScene(t, "tidy")
	s.begin()
	s.untilWorks()
	interrupt(s)
	a := s.end()
	if a.Code != 3 || a.Error != "" || !strings.Contains(s.read(s.stdout), "tidied up") {
		t.Errorf("%+v, %q", a, s.read(s.stdout))
	}
	if want := []state{staging, starting, running, stopping, removing, delivering, over}; !slices.Equal(a.States, want) {
		t.Errorf("states %q", a.States)
	}
}

// TestInterruptedBeforeItBegan: the job is loaded, and its program does not come
// to the point where it could be told.
func TestInterruptedBeforeItBegan(t *testing.T) {
	s := newScene(t, "")
	s.ask.Program, s.ask.Stop = script1(t, "exec sleep 3600"), 200*time.Millisecond
	s.begin()
	s.until("the job", func() bool {
		return s.read(filepath.Join(s.dir, "asking.state")) == string(starting) && len(s.jobs()) == 1
	})
	interrupt(s)
	s.end().wants(t, NotStopped)
}

func (s *scene) jobs() []string {
	jobs, _ := filepath.Glob(filepath.Join(s.fake, "jobs", "*", "pid"))
	return jobs
}

func TestJobNeverEnds(t *testing.T) {
	t.Parallel() // it only waits
	s := newScene(t, "hang")
	s.ask.Stop, s.ask.Settle = 200*time.Millisecond, 12*time.Second
	s.begin()
	s.untilWorks()
	interrupt(s)
	s.end().wants(t, NotStopped, "did not stop when it was told to, and was ended")
}

// TestAskerKilled: nobody is left to tidy up but the job itself.
func TestAskerKilled(t *testing.T) {
	s := newScene(t, "tidy")
	s.ask.Out = filepath.Join(s.dir, "out")
	s.begin()
	s.untilWorks()
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.nothingLeft(patience)
	if _, err := os.Stat(s.ask.Task.Note); err != nil {
		t.Error("the worker could not tidy up")
	}
	if got := s.results(); got != "runs/r3.partial/logs/x.log" {
		t.Errorf("results %q", got)
	}
	if !strings.Contains(s.asked(), "\nbootout ") {
		t.Error("the job did not remove itself")
	}
}

// TestAskerKilledAndNoPlace: what an orphaned job can neither move nor keep under
// another name is left where it is, and the job goes all the same.
func TestAskerKilledAndNoPlace(t *testing.T) {
	s := newScene(t, "tidy")
	s.ask.Out = filepath.Join(s.dir, "out")
	put(t, s.ask.Out, "a file where the directory should be")
	s.begin()
	s.untilWorks()
	roots, _ := filepath.Glob(filepath.Join(s.ask.Parent, "*"))
	inTheWay(t, roots[0])
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.until("the job's end", func() bool { return len(s.left()) == 2 }) // the root, and what is in its way
	if got := s.read(filepath.Join(roots[0], dirResults, "runs/r3.partial/logs/x.log")); got != "r3.partial" {
		t.Errorf("the result is %q", got)
	}
	if !isKept(roots[0]) {
		t.Error("the next run would take the root for left")
	}
}

// TestAskerKilledBeforeItBegan: the job comes to a root that nobody holds.
func TestAskerKilledBeforeItBegan(t *testing.T) {
	s := newScene(t, "tidy")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	begin := filepath.Join(s.dir, "go")
	s.ask.Program = script1(t, "until [ -e '"+begin+"' ]; do sleep 0.02; done; exec '"+exe+"' worker")
	s.begin()
	s.until("the job", func() bool { return len(s.jobs()) == 1 })
	s.cmd.Process.Kill()
	s.cmd.Wait()
	if err := os.WriteFile(begin, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.nothingLeft(patience)
	if _, err := os.Stat(s.ask.Task.Note); err != nil {
		t.Error("the worker never came")
	}
}

// TestBothKilled: what is left is removed by the next run, a minute later.
func TestBothKilled(t *testing.T) {
	s := newScene(t, "hang")
	s.begin()
	s.untilWorks()
	s.cmd.Process.Kill()
	s.cmd.Wait()
	if p, err := os.FindProcess(s.workerPID()); err != nil || p.Kill() != nil {
		t.Fatal("the worker is not there")
	}
	s.until("the job's end", func() bool { return len(s.left()) == 2 }) // root and loaded job
	roots, _ := filepath.Glob(filepath.Join(s.ask.Parent, "*"))
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(roots[0], old, old); err != nil {
		t.Fatal(err)
	}
	s.ask.Task.Act = ""
	if a := s.run(); a.Code != 0 || a.Error != "" {
		t.Errorf("%+v", a)
	}
}

func TestTooMuchOutput(t *testing.T) {
	s := newScene(t, "flood")
	s.ask.MaxOutput = 1 << 20
	s.run().wants(t, TooMuchOutput)
	if n := len(s.read(s.stdout)); n < 1<<20 || n > 1<<20+1 {
		t.Errorf("%d bytes were passed on", n)
	}
}

// TestStageIsFull: no room at the start, and none left in the middle, so that not
// even an exit status could be written.
func TestStageIsFull(t *testing.T) {
	t.Run("at the start", func(t *testing.T) {
		s := newScene(t, "")
		s.ask.Tmpfs = "1m"
		s.run().wants(t, StageFull, "no room for the staged root", "1024 KiB are free", "a run needs 16384")
		if s.asked() != "" {
			t.Errorf("launchctl was asked: %s", s.asked())
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		s := newScene(t, "fill")
		info, err := os.Stat(exe())
		if err != nil {
			t.Fatal(err)
		}
		s.ask.Tmpfs = fmt.Sprint(info.Size() + minFree + 1<<20)
		s.run().wants(t, StageFull, "the exit status could not be written")
	})
}

func TestBootoutTakesTime(t *testing.T) {
	s := newScene(t, "")
	s.set("slow-bootout", "")
	if a := s.run(); a.Code != 0 || a.Error != "" {
		t.Errorf("%+v", a)
	}
}

// TestBootoutFails: the job stays, and the error says how to remove it.
func TestBootoutFails(t *testing.T) {
	s := newScene(t, "")
	s.set("fail.bootout", "5 Input/output error")
	s.ask.Settle = 200 * time.Millisecond
	s.begin()
	s.cmd.Wait()
	var a answer
	json.Unmarshal([]byte(s.read(filepath.Join(s.dir, "asking.answer"))), &a)
	a.wants(t, Left, "is still loaded", "launchctl bootout gui/")
	if jobs, _ := filepath.Glob(filepath.Join(s.fake, "jobs", "*")); len(jobs) != 1 {
		t.Errorf("jobs %q", jobs)
	}
}

func TestTwoJobsAtOnce(t *testing.T) {
	one, two := newScene(t, "early"), newScene(t, "tidy")
	two.ask.Launchctl, two.ask.Parent, two.fake = one.ask.Launchctl, one.ask.Parent, one.fake
	one.begin()
	two.begin()
	one.untilWorks()
	two.untilWorks()
	if n := len(one.jobs()); n != 2 {
		t.Errorf("%d jobs", n)
	}
	one.goOn()
	one.cmd.Wait()
	interrupt(two)
	if a := two.end(); a.Code != 3 || a.Error != "" {
		t.Errorf("the second: %+v", a)
	}
	if a := one.end(); a.Code != 1 || a.Error != "" {
		t.Errorf("the first: %+v", a)
	}
}

// TestUnifiedLog: what log(1) has about a failed job is kept.
func TestUnifiedLog(t *testing.T) {
	s := newScene(t, "kill")
	s.ask.Log = script1(t, `printf '%s\n' "$@"`)
	a := s.run()
	s.kept(a, "log.txt", `eventMessage CONTAINS "org.hrhost.hrhost.`)
}

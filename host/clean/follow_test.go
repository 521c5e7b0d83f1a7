package clean

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// newFollower is a follower of a job in dir whose shell holds the life FIFO until
// it is closed.
func newFollower(t *testing.T, dir string) (f *follower, shell *os.File) {
	t.Helper()
	l := newLaunchd(filepath.Join(dir, "no-launchctl"), "")
	l.stage, l.job, l.maxOutput = dir, &job{Stdout: filepath.Join(dir, fileStdout)}, 10
	l.job.Stderr = l.job.Stdout
	var err error
	if l.life, err = newLife(l.file(fileLife)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.life.close)
	to, err := os.Create(filepath.Join(dir, "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	if shell, err = os.OpenFile(l.file(fileLife), os.O_RDWR, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shell.Close() })
	return &follower{l: l, out: tail{path: l.job.Stdout, to: to}, started: time.Now()}, shell
}

// TestFloodThatHasEnded: a job that was quicker than the look at it printed too
// much all the same, and what is not passed on is told.
func TestFloodThatHasEnded(t *testing.T) {
	for text, want := range map[string]Kind{"0123456789": "", "0123456789+": TooMuchOutput} {
		dir := t.TempDir()
		f, shell := newFollower(t, dir)
		put(t, filepath.Join(dir, fileStdout), text)
		put(t, filepath.Join(dir, fileStatus), "0\n")
		shell.WriteString("shell 2\nworker 3\n")
		f.l.life.look() // it has begun
		shell.Close()
		f.l.wg.Go(f.run)
		e := <-f.l.done
		close(f.l.quit)
		f.l.wg.Wait()
		if e.code != 0 || want == "" != (e.failure == nil) || e.failure != nil && e.failure.Kind != want {
			t.Errorf("%q: %+v, want %q", text, e, want)
		}
	}
}

// TestConversationWhileItGoesOn is for the race detector: the follower asks while
// what was said is kept.
func TestConversationWhileItGoesOn(t *testing.T) {
	f, _ := newFollower(t, t.TempDir())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { f.l.ask("print", "gui/1/x") })
		wg.Go(func() { f.l.collect(failed(NeverBegan, "").failure, t.TempDir()) })
	}
	wg.Wait()
}

// TestOutputLost: a job goes on when its output cannot be passed on. The error is
// reported once, and the output stays bounded.
func TestOutputLost(t *testing.T) {
	for _, c := range []struct {
		text string
		want Kind
	}{{"01234", ""}, {"0123456789+", TooMuchOutput}} {
		dir := t.TempDir()
		f, shell := newFollower(t, dir)
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer full.Close()
		var lost []error
		f.out.to, f.out.lost = full, func(err error) { lost = append(lost, err) }
		out := filepath.Join(dir, fileStdout)
		put(t, out, c.text[:3])
		put(t, filepath.Join(dir, fileStatus), "0\n")
		shell.WriteString("shell 2\nworker 3\n")
		f.l.life.look() // it has begun
		f.pass()
		put(t, out, c.text)
		shell.Close()
		close(f.l.quit) // after too much it would wait to be told
		f.run()
		e := <-f.l.done
		if e.code != 0 || c.want == "" != (e.failure == nil) || e.failure != nil && e.failure.Kind != c.want {
			t.Errorf("%q: %+v, want %q", c.text, e, c.want)
		}
		if len(lost) != 1 || !errors.Is(lost[0], syscall.ENOSPC) {
			t.Errorf("%q: %v", c.text, lost)
		}
	}
}

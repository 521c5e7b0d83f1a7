package clean

import (
	"io"
	"os"
	"time"
)

// pollTime is between two looks at a job's files.
const pollTime = 50 * time.Millisecond

// printTime is between two questions to launchd about a job that does not begin.
const printTime = time.Second

// follower passes on what a job prints, and notices its beginning and its end.
type follower struct {
	l       *launchd
	out     tail
	err     *tail // nil: stderr goes where stdout does
	started time.Time
	asked   time.Duration // after start
	begun   bool
}

func (f *follower) run() {
	for {
		// Who is seen to be gone here has printed all that is passed on next.
		ended := f.l.life.look()
		size := f.pass()
		if !f.begun && f.l.life.pid("worker") != 0 {
			f.begun = true
			close(f.l.up)
		}
		switch {
		case size > f.l.maxOutput: // though it may have ended: the rest is not passed on
			f.l.done <- failed(TooMuchOutput, "")
			f.untilQuit()
			return
		case ended:
			f.l.done <- f.l.leftovers(f.begun).judge()
			return
		case f.neverBegins():
			f.l.done <- failed(SpawnFailed, "")
			return
		}
		select {
		case <-time.After(pollTime):
		case <-f.l.quit:
			f.pass()
			return
		}
	}
}

// untilQuit drops what a job prints beyond all bounds until it is gone, so that
// the file system does not fill up meanwhile.
func (f *follower) untilQuit() {
	for {
		os.Truncate(f.l.job.Stdout, 0)
		os.Truncate(f.l.job.Stderr, 0)
		select {
		case <-time.After(pollTime):
		case <-f.l.quit:
			return
		}
	}
}

func (f *follower) pass() (size int64) {
	size = f.out.pass(f.l.maxOutput)
	if f.err != nil {
		size += f.err.pass(f.l.maxOutput)
	}
	return size
}

// neverBegins asks launchd now and then about a job that shows no life.
func (f *follower) neverBegins() bool {
	since := time.Since(f.started)
	if f.l.life.pid("shell") != 0 || since < f.asked+printTime {
		return false
	}
	f.asked = since
	out, code, err := f.l.ask("print", f.l.job.Target)
	over := err == nil && (gone(code) || readPrint(out).over())
	return over && !f.l.life.look() && f.l.life.pid("shell") == 0 // it may have begun meanwhile
}

// leftovers reads what the job left.
func (l *launchd) leftovers(begun bool) leftovers {
	left := leftovers{begun: begun, quarantined: l.quarantined(l.program)}
	text, err := os.ReadFile(l.file(fileStatus))
	left.status, left.hasStatus = string(text), err == nil
	left.stderr = string(readEnd(l.job.Stderr, 4<<10))
	free, ok := room(l.stage)
	left.full = ok && free < 64<<10
	return left
}

// tail passes a growing file on.
type tail struct {
	path   string
	to     io.Writer
	lost   func(error) // gets the first error of to; may be nil
	file   *os.File
	passed int64
}

// pass returns how much was passed on in all, at most a little more than limit.
// Output that cannot be passed on is dropped, and counts: it fills the job's root too.
func (t *tail) pass(limit int64) int64 {
	if t.file == nil {
		var err error
		if t.file, err = os.Open(t.path); err != nil {
			return 0
		}
	}
	n, _ := io.Copy(t, io.LimitReader(t.file, max(0, limit+1-t.passed)))
	t.passed += n
	return t.passed
}

// Write passes on until the first error, and drops the rest.
func (t *tail) Write(b []byte) (int, error) {
	if _, err := t.to.Write(b); err != nil {
		t.to = io.Discard
		if t.lost != nil {
			t.lost(err)
		}
	}
	return len(b), nil
}

// readEnd is the last of a file, at most n bytes.
func readEnd(path string, n int64) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > n {
		f.Seek(-n, io.SeekEnd)
	}
	b, _ := io.ReadAll(io.LimitReader(f, n))
	return b
}

//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var launchExperiments = []*selftest.Experiment{
	{Fact: "launch.copy-runs", Run: copyRuns, Roles: copyRole},
	{Fact: "launch.signature-kill", Run: signatureKill, Roles: copyRole},
	{Fact: "launch.fifo", Run: fifo},
	{Fact: "launch.error-codes", Run: errorCodes},
	{Fact: "launch.bootout-later", Run: bootOutLater, Deadline: time.Minute},
	{Fact: "launch.print", Run: printJob, Deadline: time.Minute},
	{Fact: "launch.session", Run: jobSession, Roles: jobRoles, Deadline: time.Minute},
	{Fact: "launch.assessed", OnlyRead: "how long an assessment takes depends on what syspolicyd has seen before and on the network"},
	{Fact: "launch.process-type", OnlyRead: "how much a job is held back shows in how long it takes on a busy machine only"},
	{Fact: "launch.privacy", OnlyRead: "trying it has macOS put a question to the user, and keep the answer"},
}

var copyRole = map[string]func(*selftest.Part){"run": func(*selftest.Part) { os.Exit(43) }}

// copyOf copies this program, changed, and gives the copy's path and the words
// that have it play a role.
func copyOf(t *selftest.Trial, change func([]byte)) (string, []string) {
	path, err := os.Executable()
	t.Must(err, "finding this program")
	text, err := os.ReadFile(path)
	t.Must(err, "reading this program")
	change(text)
	copied := filepath.Join(t.Dir, "copy")
	t.Must(os.WriteFile(copied, text, 0o700), "writing a copy")
	return copied, t.Command("run").Args[1:]
}

func copyRuns(t *selftest.Trial) selftest.Verdict {
	path, args := copyOf(t, func([]byte) {})
	out, code := native(path, args...)
	return selftest.Check("the copy ran",
		selftest.Finding{What: fmt.Sprintf("its end (it printed %q)", firstLine(out)), Got: code, Want: 43})
}

// page is the unit in which a signature vouches for a file on arm64, or more
// than it.
const page = 16 << 10

// signatureKill changes a byte in every page of the program's first half but the
// first, which the loader reads before any signature is looked at.
func signatureKill(t *selftest.Trial) selftest.Verdict {
	if goarch != "arm64" {
		return selftest.NotHere("programs for %s are not signed by the linker and run without a signature", goarch)
	}
	path, args := copyOf(t, func(text []byte) {
		for at := page; at < len(text)/2; at += page {
			text[at+page/2] ^= 0xff
		}
	})
	out, code := native(path, args...)
	return selftest.Check("a copy whose pages do not fit its signature was ended by SIGKILL",
		selftest.Finding{What: "its end", Got: code, Want: -int(syscall.SIGKILL)},
		finding("what it printed", out, ""),
	)
}

// fifo opens a FIFO for both ends, and reads the end of its last writer.
func fifo(t *selftest.Trial) selftest.Verdict {
	path := filepath.Join(t.Dir, "fifo")
	t.Must(unix.Mkfifo(path, 0o600), "making a FIFO")
	both, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	t.Must(err, "opening it for reading and writing")
	reader, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	t.Must(err, "opening it for reading")
	_, err = unix.Read(reader, make([]byte, 1))
	t.Must(unix.Close(both), "closing the writer")
	n, end := unix.Read(reader, make([]byte, 1))
	return selftest.Check("opening did not wait; EAGAIN as long as there was a writer, then 0 bytes",
		finding("reading while there is a writer", word(err), "EAGAIN"),
		finding("reading afterwards", fmt.Sprint(n, " ", word(end)), "0 ok"),
	)
}

var jobRoles = map[string]func(*selftest.Part){
	// The job says its number, its session and group, and starts a child that
	// would live on.
	"job": func(p *selftest.Part) {
		child := p.Command("stay")
		child.Stdin = nil
		p.Must(child.Start(), "starting a child")
		sid, err := unix.Getsid(0)
		p.Must(err, "asking for the session")
		text := fmt.Sprintf("%d %d %d %d\n", os.Getpid(), sid, unix.Getpgrp(), child.Process.Pid)
		part := filepath.Join(p.Dir, "said.part")
		p.Must(os.WriteFile(part, []byte(text), 0o600), "saying it")
		p.Must(os.Rename(part, filepath.Join(p.Dir, "said")), "saying it")
	},
	"stay": func(*selftest.Part) { time.Sleep(time.Minute) },
}

func jobSession(t *selftest.Trial) selftest.Verdict {
	j := submit(t, append([]string{mustExecutable(t)}, t.Command("job").Args[1:]...)...)
	defer j.remove()
	var pid, sid, group, child int
	said := selftest.Eventually(4*selftest.Patience, func() bool {
		f, err := os.Open(filepath.Join(t.Dir, "said"))
		if err != nil {
			return false
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if err != nil {
			return false
		}
		n, _ := fmt.Sscan(string(text), &pid, &sid, &group, &child)
		return n == 4
	})
	if !said {
		t.GiveUp("the job said nothing: %s", j.print())
	}
	gone := selftest.Eventually(4*selftest.Patience, func() bool { return errors.Is(kill(child, 0), syscall.ESRCH) })
	return selftest.Check(fmt.Sprintf("job %d led session %d and group %d; its child %d was ended after it", pid, sid, group, child),
		selftest.Finding{What: "session", Got: sid, Want: pid},
		selftest.Finding{What: "group", Got: group, Want: pid},
		selftest.Finding{What: "the child is gone", Got: gone, Want: true},
	)
}

func mustExecutable(t *selftest.Trial) string {
	path, err := os.Executable()
	t.Must(err, "finding this program")
	return path
}

//go:build darwin || linux

package darwin

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

var logExperiments = []*selftest.Experiment{
	{Fact: "log.cut", Run: logCut, Roles: sealedRole, Deadline: time.Minute},
	{Fact: "log.predicate", Run: logPredicate},
	{Fact: "log.admin", Run: logAdmin},
}

const logPath = "/usr/bin/log"

// reports are the lines of the last minute's log that have a word which nobody
// else uses.
func reports(t *selftest.Trial, word string) []string {
	out, code := program(logPath, "show", "--last", "1m", "--style", "compact", "--info", "--predicate", fmt.Sprintf("eventMessage CONTAINS %q", word))
	if code != 0 {
		t.GiveUp("log show ended with %d: %s", code, firstLine(out))
	}
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, word) && strings.Contains(line, "Sandbox:") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// reported waits for a report that has a word.
func reported(t *selftest.Trial, word string) (lines []string) {
	selftest.Eventually(selftest.Patience, func() bool {
		lines = reports(t, word)
		return len(lines) > 0
	})
	return lines
}

// noReport asks about a denied name, and then looks up another denied name for
// real: that one must be in the log, or else nothing can be said.
func noReport(t *selftest.Trial) selftest.Verdict {
	asked, real := ownName("asked"), ownName("real")
	s := under(t, `(allow default)(deny mach-lookup (global-name "`+asked+`") (global-name "`+real+`"))`)
	denied := s.ask("check", "mach-lookup", "2", asked)
	s.ask("look-up", real)
	if len(reported(t, real)) == 0 {
		t.GiveUp("the log has no report about a real denial, so that a missing one proves nothing")
	}
	return selftest.Check("the question was answered and not reported; a real denial was reported",
		finding("the question", denied, "1"),
		selftest.Finding{What: "reports about it", Got: len(reports(t, asked)), Want: 0},
	)
}

// logCut has a path denied that is about as long as paths may be.
func logCut(t *selftest.Trial) selftest.Verdict {
	word := fmt.Sprintf("hrhost-selftest-cut-%d", os.Getpid())
	path := filepath.Join(t.Dir, word)
	for len(path) < 700 {
		path = filepath.Join(path, strings.Repeat("x", 200))
	}
	t.Must(os.MkdirAll(path, 0o700), "making a deep directory")
	path = filepath.Join(path, "file-whole-name")
	t.Must(os.WriteFile(path, nil, 0o600), "writing a file")
	s := under(t, `(allow default)(deny file-read-data (regex #"/file-whole-name$"))`)
	if got := s.ask("open", path); got != "EPERM" {
		t.GiveUp("opening the file answers %s, not EPERM", got)
	}
	lines := reported(t, word)
	switch {
	case len(lines) == 0:
		return selftest.Undone("the log has no report about it")
	case strings.Contains(lines[0], "file-whole-name"):
		return selftest.NotHere("a report of %d bytes was not cut here, about a path as long as paths may be", len(lines[0]))
	}
	return selftest.Check("a cut report ends in <…>", selftest.Finding{What: "the report, which ends in " + quote(tailOf(lines[0])) + ", ends in <…>", Got: strings.HasSuffix(lines[0], "<…>"), Want: true})
}

func tailOf(s string) string { return s[max(0, len(s)-20):] }

func logPredicate(*selftest.Trial) selftest.Verdict {
	out, code := program(logPath, "stream", "--timeout", "1", "--style", "ndjson", "--predicate", seatbelt.LogPredicate)
	if strings.Contains(out, "Must be admin") {
		return selftest.NotHere("this user is no administrator: run it as one who is")
	}
	return selftest.Check(firstLine(out),
		selftest.Finding{What: "it listens", Got: strings.HasPrefix(out, "Filtering the log data"), Want: true},
		selftest.Finding{What: "exit status 64", Got: code == 64, Want: false},
	)
}

func logAdmin(*selftest.Trial) selftest.Verdict {
	groups, code := program("/usr/bin/id", "-Gn")
	if code != 0 {
		return selftest.Undone("id ended with %d", code)
	}
	admin := euid() == 0
	for _, g := range strings.Fields(groups) {
		admin = admin || g == "admin"
	}
	if admin {
		return selftest.NotHere("this user is an administrator: run it as one who is not")
	}
	out, code := program(logPath, "stream", "--timeout", "1", "--predicate", `eventMessage CONTAINS "hrhost-selftest"`)
	return selftest.Check(firstLine(out),
		selftest.Finding{What: "it says why (" + firstLine(out) + ")", Got: strings.Contains(out, "Must be admin to run 'stream' command"), Want: true},
		selftest.Finding{What: "it fails", Got: code != 0, Want: true},
	)
}

//go:build darwin || linux

package darwin

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hrhost/hrhost/host/selftest"
)

const launchctl = "/bin/launchctl"

// job is a launchd job of our own, with a label that nobody else has.
type job struct{ domain, label string }

func (j job) target() string { return j.domain + "/" + j.label }

func (j job) print() string {
	out, _ := program(launchctl, "print", j.target())
	return out
}

// remove boots the job out, whatever state it is in.
func (j job) remove() (code int) {
	_, code = program(launchctl, "bootout", j.target())
	return code
}

// domain is where a job of this user can be started: its graphical session, or
// the user itself.
func domain() string {
	gui := fmt.Sprintf("gui/%d", os.Getuid())
	if _, code := program(launchctl, "print", gui); code == 0 {
		return gui
	}
	return fmt.Sprintf("user/%d", os.Getuid())
}

// submit has launchd start a command at once, as a job that ends with it.
func submit(t *selftest.Trial, command ...string) job {
	j := job{domain(), fmt.Sprintf("org.hrhost.selftest.%d", os.Getpid())}
	plist := filepath.Join(t.Dir, "job.plist")
	t.Must(os.WriteFile(plist, propertyList(j, t.Dir, command), 0o600), "writing a property list")
	if out, code := program(launchctl, "bootstrap", j.domain, plist); code != 0 {
		t.GiveUp("launchd takes no job: exit status %d, %s", code, firstLine(out))
	}
	return j
}

func propertyList(j job, dir string, command []string) []byte {
	var b strings.Builder
	text := func(s string) {
		b.WriteString("<string>")
		xml.EscapeText(&b, []byte(s))
		b.WriteString("</string>")
	}
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>Label</key>`)
	text(j.label)
	b.WriteString("<key>ProgramArguments</key><array>")
	for _, word := range command {
		text(word)
	}
	b.WriteString("</array><key>RunAtLoad</key><true/><key>WorkingDirectory</key>")
	text(dir)
	if strings.HasPrefix(j.domain, "user/") {
		b.WriteString("<key>LimitLoadToSessionType</key>")
		text("Background")
	}
	b.WriteString("</dict></plist>")
	return []byte(b.String())
}

// errorCodes asks about what is not there, and offers what is no property list.
func errorCodes(t *selftest.Trial) selftest.Verdict {
	d := domain()
	bad := filepath.Join(t.Dir, "bad.plist")
	t.Must(os.WriteFile(bad, []byte("this is no property list"), 0o600), "writing a file")
	_, noJob := program(launchctl, "print", d+"/org.hrhost.selftest.nobody")
	_, out := program(launchctl, "bootout", d+"/org.hrhost.selftest.nobody")
	_, noSession := program(launchctl, "print", "gui/4294967294")
	_, badList := program(launchctl, "bootstrap", d, bad)
	return selftest.Check(fmt.Sprintf("print of no job %d, bootout of no job %d, no session %d, a bad property list %d", noJob, out, noSession, badList),
		oneOf("print of no job", noJob, 3, 113), oneOf("bootout of no job", out, 3, 113),
		oneOf("no session", noSession, 112, 125), oneOf("a bad property list", badList, 109, 5),
	)
}

func oneOf(what string, got int, want ...int) selftest.Finding {
	for _, w := range want {
		if got == w {
			return selftest.Finding{What: what, Got: got, Want: got}
		}
	}
	return selftest.Finding{What: what, Got: got, Want: fmt.Sprintf("one of %v", want)}
}

// bootOutLater takes a running job out and waits until launchd does not know it.
func bootOutLater(t *selftest.Trial) selftest.Verdict {
	j := submit(t, "/bin/sleep", "50")
	_, there := program(launchctl, "print", j.target())
	code := j.remove()
	gone := selftest.Eventually(4*selftest.Patience, func() bool {
		_, code := program(launchctl, "print", j.target())
		return code == 113 || code == 3
	})
	return selftest.Check(fmt.Sprintf("bootout answered %d, and later print did not find the job", code),
		selftest.Finding{What: "print before", Got: there, Want: 0},
		oneOf("bootout", code, 0, 36),
		selftest.Finding{What: "gone later", Got: gone, Want: true},
	)
}

// printJob looks at what launchd prints about a job that has ended.
func printJob(t *selftest.Trial) selftest.Verdict {
	j := submit(t, "/usr/bin/false")
	defer j.remove()
	var out string
	ended := selftest.Eventually(4*selftest.Patience, func() bool {
		out = j.print()
		return strings.Contains(out, "\n\tlast exit code = 1")
	})
	has := func(line string) selftest.Finding {
		return selftest.Finding{What: "a line " + quote(line) + ", indented once", Got: strings.Contains(out, "\n\t"+line+" = "), Want: true}
	}
	v := selftest.Check("state, job state and last exit code, indented once; the lines about a signal and a reason were not tried",
		selftest.Finding{What: "last exit code = 1 was told", Got: ended, Want: true}, has("state"), has("job state"))
	if v.Outcome == selftest.Fail {
		fmt.Println(out) // what it looks like instead
	}
	return v
}

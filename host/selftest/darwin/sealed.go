//go:build darwin || linux

package darwin

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// sealedRole is the role of a process that applies its first argument, and then
// makes the calls it is asked for, one a line.
var sealedRole = map[string]func(*selftest.Part){"sealed": func(p *selftest.Part) {
	apply(p, p.Args[0])
	for line, more := p.Await(); more; line, more = p.Await() {
		var ask []string
		p.Must(json.Unmarshal([]byte(line), &ask), "reading a question")
		p.Say("%s", strconv.Quote(call(ask[0], ask[1:]...)))
	}
}}

// apply applies a profile to this process and says so. What a call needs is
// bound before.
func apply(p *selftest.Part, profile string) {
	darwin.Resolve()
	if r := darwin.Apply(profile, nil); r.Class != seatbelt.ClassOK {
		p.Say("not sealed: %s, errno %d, %s", r.Class, r.Errno, strconv.Quote(r.Errbuf))
		os.Exit(0)
	}
	p.Say("sealed")
}

// sealed is a process under a profile.
type sealed struct {
	*selftest.Helper
	pid string
}

// trySealed starts a process in a role that applies a profile, and says why it
// could not be applied, or "".
func trySealed(t *selftest.Trial, role, profile string, more ...string) (sealed, string) {
	h := t.Part(role, append([]string{profile}, more...)...)
	s := sealed{h, strconv.Itoa(h.Process.Pid)}
	if line := h.Line(); line != "sealed" {
		return s, line
	}
	return s, ""
}

// seal is trySealed for a profile that must be applied.
func seal(t *selftest.Trial, role, profile string, more ...string) sealed {
	s, why := trySealed(t, role, profile, more...)
	if why != "" {
		t.GiveUp("a profile could not be applied: %q", why)
	}
	return s
}

// under is a process of the role "sealed".
func under(t *selftest.Trial, profile string) sealed {
	return seal(t, "sealed", "(version 1)"+profile)
}

// ask has the process make a call.
func (s sealed) ask(name string, args ...string) string {
	line, _ := json.Marshal(append([]string{name}, args...))
	s.Say(string(line))
	got := s.Line()
	if text, err := strconv.Unquote(got); err == nil {
		return text
	}
	return fmt.Sprintf("nothing (%q)", got)
}

// finding is short for what most experiments look at: answers.
func finding(what, got, want string) selftest.Finding {
	return selftest.Finding{What: what, Got: got, Want: want}
}

// self is this process's number as text.
func self() string { return strconv.Itoa(os.Getpid()) }

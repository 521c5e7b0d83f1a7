//go:build darwin || linux

package darwin

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
)

var applyExperiments = []*selftest.Experiment{
	{Fact: "apply.error-buffer", Run: errorBuffer, Roles: map[string]func(*selftest.Part){"refused": applyRefused}},
	{Fact: "apply.same-again", Run: sameAgain, Roles: map[string]func(*selftest.Part){"twice": applyTwice}},
	{Fact: "apply.all-threads", Run: allThreads, Roles: map[string]func(*selftest.Part){"threads": applyThreads}},
	{Fact: "apply.descriptors-survive", Run: descriptorsSurvive, Roles: map[string]func(*selftest.Part){"hold": applyHolding}},
	{Fact: "apply.connected-socket", Run: connectedSocket, Roles: map[string]func(*selftest.Part){"socket": applySocket}},
	{Fact: "apply.exec-minimum", Run: execMinimum, Roles: map[string]func(*selftest.Part){"exec": applyExec, "started": started}},
	{Fact: "apply.deny-default-gaps", Run: denyDefaultGaps, Roles: sealedRole},
}

// applyRefused applies nonsense and says what the call answered.
func applyRefused(p *selftest.Part) {
	var f *darwin.Failure
	if err := darwin.Init("(version 1)(nonsense)", nil); !errors.As(err, &f) {
		p.Say("no failure: %v", err)
		return
	}
	p.Say("%d", f.RC)
	p.Say("%s", strings.ReplaceAll(f.Text, "\n", " "))
}

func errorBuffer(t *selftest.Trial) selftest.Verdict {
	var printed bytes.Buffer
	cmd := t.Command("refused")
	cmd.Stderr = &printed
	h := t.Start(cmd)
	rc, text := h.Line(), h.Line()
	code := h.End()
	return selftest.Check(fmt.Sprintf("-1, the words %q, and on descriptor 2 %q", text, strings.TrimSpace(printed.String())),
		finding("result", rc, "-1"),
		selftest.Finding{What: "there are words", Got: text != "", Want: true},
		selftest.Finding{What: "a line on descriptor 2", Got: strings.Contains(printed.String(), "\n"), Want: true},
		selftest.Finding{What: "the process's end, after freeing the words", Got: code, Want: 0},
	)
}

const harmless = `(version 1)(allow default)(deny sysctl-read (sysctl-name "kern.osversion"))`

func applyTwice(p *selftest.Part) {
	apply(p, harmless)
	p.Say("%s", raw(darwin.Init(harmless, nil)))
	p.Say("%s", raw(darwin.Init("(version 1)(allow default)", nil)))
}

// sameAgain holds whichever of the two answers is given: the claim is that one
// must be ready for either.
func sameAgain(t *selftest.Trial) selftest.Verdict {
	h := t.Part("twice")
	if line := h.Line(); line != "sealed" {
		t.GiveUp("a profile could not be applied: %q", line)
	}
	same, other := h.Line(), h.Line()
	return selftest.Check(fmt.Sprintf("the same profile once more: %s; another: %s", same, other),
		selftest.Finding{What: "the same once more is ok or -1 EPERM", Got: same == "ok" || same == "-1 EPERM", Want: true},
		finding("another profile", other, "-1 EPERM"),
	)
}

// threads is how many threads are asked.
const threads = 8

// applyThreads has threads before the profile is applied on another one.
func applyThreads(p *selftest.Part) {
	ask, answers := make(chan bool), make(chan string)
	for range threads {
		go func() {
			runtime.LockOSThread()
			answers <- call("sysctl", "kern.osversion")
			<-ask
			answers <- call("sysctl", "kern.osversion")
		}()
	}
	count := func() map[string]int {
		n := map[string]int{}
		for range threads {
			n[<-answers]++
		}
		return n
	}
	before := count()
	apply(p, harmless)
	close(ask)
	p.Say("%v", before)
	p.Say("%v", count())
}

func allThreads(t *selftest.Trial) selftest.Verdict {
	h := t.Part("threads")
	if line := h.Line(); line != "sealed" {
		t.GiveUp("a profile could not be applied: %q", line)
	}
	return selftest.Check(fmt.Sprintf("%d threads could read the name before, and none after another had applied", threads),
		finding("before", h.Line(), fmt.Sprintf("map[ok:%d]", threads)),
		finding("after", h.Line(), fmt.Sprintf("map[EPERM:%d]", threads)),
	)
}

// closedProfile denies all but what a Go program goes on with.
const closedProfile = "(version 1)(deny default)(allow sysctl-read)"

// applyHolding opens a file and maps memory, seals itself and uses both.
func applyHolding(p *selftest.Part) {
	path := p.Args[0]
	f, err := os.Open(path)
	p.Must(err, "opening the file")
	apply(p, closedProfile)
	text := make([]byte, 16)
	n, err := f.Read(text)
	p.Say("%q %s", text[:n], word(err))
	p.Say("%s", call("open", path))
}

func descriptorsSurvive(t *selftest.Trial) selftest.Verdict {
	path := filepath.Join(t.Dir, "held")
	t.Must(os.WriteFile(path, []byte("held"), 0o600), "writing a file")
	h := t.Part("hold", path)
	if line := h.Line(); line != "sealed" {
		t.GiveUp("a profile could not be applied: %q", line)
	}
	return selftest.Check("the descriptor was read; opening the name again answered EPERM; the pipes to this process work",
		finding("reading the descriptor", h.Line(), `"held" ok`),
		finding("opening again", h.Line(), "EPERM"),
	)
}

// applySocket has one connection and a listener, and seals itself.
func applySocket(p *selftest.Part) {
	l, err := net.Listen("unix", p.Args[0])
	p.Must(err, "listening")
	c, err := net.Dial("unix", p.Args[0])
	p.Must(err, "connecting")
	far, err := l.Accept()
	p.Must(err, "accepting")
	p.Say("listening")
	p.Await() // another one has connected by now and waits to be accepted
	apply(p, closedProfile)
	_, err = c.Write([]byte("x"))
	p.Say("%s", word(err))
	_, err = far.Read(make([]byte, 1))
	p.Say("%s", word(err))
	p.Say("%s", word(second(l.Accept())))
	p.Say("%s", word(second(net.Dial("unix", p.Args[0]))))
	p.Say("%s", word(second(net.Listen("unix", p.Args[0]+"2"))))
}

func connectedSocket(t *selftest.Trial) selftest.Verdict {
	path := filepath.Join(t.Dir, "s")
	h := t.Part("socket", path)
	if line := h.Line(); line != "listening" {
		t.GiveUp("the socket could not be made: %q", line)
	}
	c, err := net.Dial("unix", path)
	t.Must(err, "connecting")
	defer c.Close()
	h.Say("connected")
	if line := h.Line(); line != "sealed" {
		t.GiveUp("a profile could not be applied: %q", line)
	}
	return selftest.Check("a connected socket was written and read; accept, connect and bind answered EPERM",
		finding("writing", h.Line(), "ok"), finding("reading", h.Line(), "ok"),
		finding("accepting", h.Line(), "EPERM"), finding("connecting", h.Line(), "EPERM"), finding("binding", h.Line(), "EPERM"),
	)
}

// applyExec seals itself under the least that should do, and executes the same
// program again.
func applyExec(p *selftest.Part) {
	path, err := os.Executable()
	p.Must(err, "finding this program")
	path, err = filepath.EvalSymlinks(path)
	p.Must(err, "finding this program")
	apply(p, `(version 1)(deny default)(allow process-exec*)(allow file-read* (literal "/") (literal `+quote(path)+`)
(subpath "/System") (subpath "/usr/lib"))(allow sysctl-read (sysctl-name "hw.pagesize_compat"))`)
	next := p.Command("started")
	p.Must(replace(path, next.Args), "executing")
}

func started(p *selftest.Part) { p.Say("started as Go with %d processors", runtime.NumCPU()) }

func execMinimum(t *selftest.Trial) selftest.Verdict {
	h := t.Part("exec")
	if line := h.Line(); line != "sealed" {
		t.GiveUp("a profile could not be applied: %q", line)
	}
	line := h.Line()
	code := h.End()
	return selftest.Check(line,
		selftest.Finding{What: "it started", Got: strings.HasPrefix(line, "started"), Want: true},
		selftest.Finding{What: "its end", Got: code, Want: 0},
	)
}

// denyDefaultGaps looks at one operation that (deny default) covers and at the two
// kinds that it should not.
func denyDefaultGaps(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(deny default)(allow mach-lookup (global-name "com.apple.system.notification_center"))`)
	return selftest.Check("under (deny default) a parameter answered EPERM, process information did not",
		finding("a parameter", s.ask("sysctl", "kern.osversion"), "EPERM"),
		finding("process information", s.ask("info", self()), "ok"),
		finding("a darwin notification, as sandbox_check says", s.ask("check", "darwin-notification-post", "0"), "0"),
	)
}

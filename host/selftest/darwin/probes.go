//go:build darwin || linux

package darwin

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
)

var probeExperiments = []*selftest.Experiment{
	{Fact: "sysctl.denied", Run: sysctlDenied, Roles: sealedRole},
	{Fact: "sysctl.name-first", Run: nameFirst, Roles: sealedRole},
	{Fact: "notify.lookup-is-9", Run: lookUpIs9, Roles: sealedRole},
	{Fact: "notify.one-way", Run: oneWay, Roles: sealedRole},
	{Fact: "notify.filtered", Run: filtered, Roles: sealedRole},
	{Fact: "notify.plain", Run: plain, Roles: sealedRole},
	{Fact: "notify.options-look-up", Run: optionsLookUp, Roles: map[string]func(*selftest.Part){"late": filterThenSeal}},
	{Fact: "notify.cached-look-up", Run: cachedLookUp, Roles: map[string]func(*selftest.Part){"late": postThenSeal}},
	{Fact: "distributed.silent", Run: distributedSilent, Roles: distributedRoles},
	{Fact: "distributed.look-up", Run: distributedLookUp, Roles: distributedRoles},
	{Fact: "distributed.main-run-loop", Run: mainRunLoop, Roles: distributedRoles},
}

func sysctlDenied(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(allow default)(deny sysctl-read (sysctl-name "kern.osversion"))`)
	return selftest.Check("EPERM under a profile that denies the name, and the value for another name and without a profile",
		finding("denied", s.ask("sysctl", "kern.osversion"), "EPERM"),
		finding("another name", s.ask("sysctl", "kern.ostype"), "ok"),
		finding("without a profile", call("sysctl", "kern.osversion"), "ok"),
	)
}

func nameFirst(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(allow default)(deny sysctl-read)`)
	found := []selftest.Finding{
		finding("a name that exists, denied", s.ask("sysctl", "kern.osversion"), "EPERM"),
		finding("a missing name, denied", s.ask("sysctl", "kern.hrhost_no_such_name"), "ENOENT"),
	}
	seen := "a missing name answered ENOENT where every name is denied"
	if euid() != 0 {
		found = append(found, finding("a write by an ordinary user", call("set-sysctl", "kern.maxproc"), "EPERM"))
		seen += "; a write without a profile EPERM"
	}
	return selftest.Check(seen, found...)
}

const centre = "com.apple.system.notification_center"

// ownName is a notification that nobody else has.
func ownName(what string) string { return fmt.Sprintf("org.hrhost.selftest.%s.%d", what, os.Getpid()) }

func lookUpIs9(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(allow default)(deny mach-lookup (global-name "`+centre+`"))`)
	name := ownName("nine")
	return selftest.Check("9 where the centre may not be looked up, 0 without a profile",
		finding("the look-up itself", s.ask("look-up", centre), "1100"),
		finding("posting", s.ask("post", name), "9"),
		finding("without a profile", call("post", name), "0"),
	)
}

// oneWay posts under a profile that denies the post and not the look-up.
func oneWay(t *selftest.Trial) selftest.Verdict {
	p := postBoth(t, true)
	return selftest.Check("both filtered posts answered 0, and only the allowed one arrived",
		finding("posting the denied one", p.toDenied, "0"),
		finding("posting the allowed one", p.toAllowed, "0"),
		selftest.Finding{What: "the allowed one arrived", Got: p.allowed, Want: true},
	)
}

// filtered and plain differ in the option alone.
func filtered(t *selftest.Trial) selftest.Verdict {
	p := postBoth(t, true)
	return selftest.Check("of two filtered posts only the allowed one arrived",
		selftest.Finding{What: "the allowed one arrived", Got: p.allowed, Want: true},
		selftest.Finding{What: "the denied one arrived", Got: p.denied, Want: false},
	)
}

func plain(t *selftest.Trial) selftest.Verdict {
	p := postBoth(t, false)
	return selftest.Check("of two plain posts the denied one arrived too",
		selftest.Finding{What: "the allowed one arrived", Got: p.allowed, Want: true},
		selftest.Finding{What: "the denied one arrived", Got: p.denied, Want: true},
	)
}

// posts is what two posts of one sealed process answered, and which arrived.
type posts struct {
	toDenied, toAllowed string
	denied, allowed     bool
}

// postBoth posts a denied and then an allowed name. This process is told of posts that
// come through. The denied post comes before: if it arrives, it is there.
func postBoth(t *selftest.Trial, filter bool) (p posts) {
	denied, allowed := ownName("denied"), ownName("allowed")
	s := under(t, `(allow default)(deny darwin-notification-post (notification-name "`+denied+`"))`)
	first, second := register(t, denied), register(t, allowed)
	if filter {
		if said := s.ask("filter"); said != "ok" {
			t.GiveUp("the posts cannot be filtered: %s", said)
		}
	}
	p.toDenied, p.toAllowed = s.ask("post", denied), s.ask("post", allowed)
	p.allowed = selftest.Eventually(selftest.Patience, func() bool { return posted(second) })
	p.denied = posted(first)
	return p
}

// filterThenSeal asks for filtered posts, or does not, and posts under a profile that
// denies the look-up of the centre.
func filterThenSeal(p *selftest.Part) {
	if p.Args[1] == "filter" {
		p.Must(darwin.FilterNotifications(), "filtering")
	}
	apply(p, p.Args[0])
	p.Say("%s", call("post", p.Args[2]))
}

func optionsLookUp(t *selftest.Trial) selftest.Verdict {
	profile := `(version 1)(allow default)(deny mach-lookup (global-name "` + centre + `"))`
	set := seal(t, "late", profile, "filter", ownName("options"))
	unset := seal(t, "late", profile, "plain", ownName("options"))
	return selftest.Check("a process that had set the options went on posting; one that had not got 9",
		finding("having set them", set.Line(), "0"),
		finding("not having set them", unset.Line(), "9"),
	)
}

func register(t *selftest.Trial, name string) darwin.Registration {
	r, status, err := darwin.RegisterNotification(name)
	t.Must(err, "registering for a notification")
	if status != 0 {
		t.GiveUp("registering for %s answers %d", name, status)
	}
	posted(r) // the first answer is always yes
	return r
}

func posted(r darwin.Registration) bool {
	yes, _, err := r.Posted()
	return yes && err == nil
}

// postThenSeal posts, so that the centre is looked up, and again under a profile
// that denies the look-up.
func postThenSeal(p *selftest.Part) {
	before := "not posted"
	if p.Args[1] == "warm" {
		before = call("post", p.Args[2])
	}
	apply(p, p.Args[0])
	p.Say("%s %s", before, call("post", p.Args[2]))
}

func cachedLookUp(t *selftest.Trial) selftest.Verdict {
	profile := `(version 1)(allow default)(deny mach-lookup (global-name "` + centre + `"))`
	warm := seal(t, "late", profile, "warm", ownName("cached"))
	cold := seal(t, "late", profile, "cold", ownName("cached"))
	return selftest.Check("a process that had posted before went on posting; one that had not got 9",
		finding("having posted before", warm.Line(), "0 0"),
		finding("not having posted before", cold.Line(), "not posted 9"),
	)
}

var distributedRoles = map[string]func(*selftest.Part){
	"sealed": sealedRole["sealed"],
	"receiver": func(p *selftest.Part) {
		p.Must(darwin.Observe(p.Args, func(name string) { p.Say("%s", name) }), "observing")
		p.Say("ready")
		p.Must(darwin.RunLoop(), "running the run loop")
	},
}

// arrivals collects what a receiver says.
func arrivals(t *selftest.Trial, names ...string) <-chan string {
	h := t.Part("receiver", names...)
	if line := h.Line(); line != "ready" {
		t.GiveUp("the receiver is not ready: %q", line)
	}
	return h.Lines()
}

// next is the next arrival within d, "" for none.
func next(came <-chan string, d time.Duration) string {
	select {
	case name := <-came:
		return name
	case <-time.After(d):
		return ""
	}
}

// distributedSilent posts a denied and then an allowed name. The observer may be
// registered a moment after it says so: the allowed one is posted until it
// arrives.
func distributedSilent(t *selftest.Trial) selftest.Verdict {
	denied, allowed := ownName("denied"), ownName("allowed")
	came := arrivals(t, denied, allowed)
	var printed bytes.Buffer
	cmd := t.Command("sealed", `(version 1)(allow default)(deny distributed-notification-post (notification-name "`+denied+`"))`)
	cmd.Stderr = &printed
	s := sealed{t.Start(cmd), ""}
	if line := s.Line(); line != "sealed" {
		t.GiveUp("a profile could not be applied: %q", line)
	}
	first := ""
	answers := map[string]bool{}
	selftest.Eventually(selftest.Patience, func() bool {
		answers[s.ask("distributed", denied)] = true
		answers[s.ask("distributed", allowed)] = true
		first = next(came, 100*time.Millisecond)
		return first != ""
	})
	if first == "" {
		t.GiveUp("no distributed notification arrived, not even an allowed one (there may be no session)")
	}
	s.End()
	again := []string{first, next(came, 100*time.Millisecond)}
	return selftest.Check(fmt.Sprintf("the allowed one arrived, the denied one did not; printed: %q", firstLine(printed.String())),
		selftest.Finding{What: "every post answered ok", Got: len(answers) == 1 && answers["ok"], Want: true},
		selftest.Finding{What: "the denied one arrived", Got: again[0] == denied || again[1] == denied, Want: false},
		selftest.Finding{What: "a line on descriptor 2", Got: printed.Len() > 0, Want: true},
	)
}

// distributedLookUp posts from a process that may look up distnoted's two names alone.
func distributedLookUp(t *selftest.Trial) selftest.Verdict {
	name := ownName("look-up")
	came := arrivals(t, name)
	s := under(t, `(allow default)(deny mach-lookup)(allow mach-lookup (global-name "com.apple.distributed_notifications@Uv3")`+
		`(global-name "com.apple.distributed_notifications@1v3"))`)
	arrived := selftest.Eventually(selftest.Patience, func() bool {
		s.ask("distributed", name)
		return next(came, 100*time.Millisecond) != ""
	})
	if !arrived && call("distributed", name) == "ok" && next(came, selftest.Patience) == "" {
		t.GiveUp("no distributed notification arrived, not even without a profile (there may be no session)")
	}
	return selftest.Check("a post arrived from a process that may look up these two names alone",
		selftest.Finding{What: "it arrived", Got: arrived, Want: true},
	)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// mainRunLoop posts until the receiver, a program without a bundle, has called.
func mainRunLoop(t *selftest.Trial) selftest.Verdict {
	name := ownName("loop")
	came := arrivals(t, name)
	got := ""
	selftest.Eventually(selftest.Patience, func() bool {
		call("distributed", name)
		got = next(came, 100*time.Millisecond)
		return got != ""
	})
	return selftest.Check("the main thread's run loop called the observer", finding("arrived", got, name))
}

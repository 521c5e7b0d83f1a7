//go:build darwin || linux

package darwin

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
)

var checkExperiments = []*selftest.Experiment{
	{Fact: "check.filters-decompiled", Run: filters(decompiled), Roles: sealedRole},
	{Fact: "check.filters-unsure", Run: filters(unsure), Roles: sealedRole},
	{Fact: "check.no-report", Run: noReport, Roles: sealedRole},
	{Fact: "check.dead-process", Run: deadProcess, Roles: map[string]func(*selftest.Part){"end": func(*selftest.Part) {}}},
	{Fact: "check.variadic-stack", Run: variadicStack, Roles: sealedRole},
}

// filterCase is one filter number: an operation that is denied for one value and
// allowed for another.
type filterCase struct {
	number    string
	operation string
	clause    string // of the profile, with %s for the value
	denied    string
	allowed   string
}

// The values are names that exist nowhere; 10 is a descriptor that a profile
// can't name, and 11 takes two pointers: those two are not asked.
var (
	decompiled = []filterCase{
		{"4", "appleevent-send", `(appleevent-destination "%s")`, "org.hrhost.denied", "org.hrhost.allowed"},
		{"7", "system-kext-load", `(kext-bundle-id "%s")`, "org.hrhost.denied", "org.hrhost.allowed"},
		{"8", "system-info", `(info-type "%s")`, "net.link.addr", "org.hrhost.allowed"},
		{"9", "distributed-notification-post", `(notification-name "%s")`, "org.hrhost.denied", "org.hrhost.allowed"},
		{"13", "iokit-open-user-client", `(iokit-connection "%s")`, "HRHostDenied", "HRHostAllowed"},
		{"14", "syscall-unix", `(syscall-number %s)`, "165", "167"},
	}
	unsure = []filterCase{
		{"15", "nvram-get", `(nvram-variable "%s")`, "hrhost-denied", "hrhost-allowed"},
		{"16", "syscall-mach", `(machtrap-number %s)`, "93", "94"},
		{"17", "ipc-posix-shm-read-data", `(ipc-posix-name "%s")`, "hrhost-denied", "hrhost-allowed"},
		{"18", "signal", `(signal-number %s)`, "30", "31"},
	}
)

// filters asks about each filter of a list in a process of its own, whose profile
// denies the one value. A filter that the system's compiler does not take is not
// asked.
func filters(list []filterCase) func(*selftest.Trial) selftest.Verdict {
	return func(t *selftest.Trial) selftest.Verdict {
		var asked, skipped []string
		var found []selftest.Finding
		for _, c := range list {
			clause := fmt.Sprintf(c.clause, c.denied)
			s, why := trySealed(t, "sealed", "(version 1)(allow default)(deny "+c.operation+" "+clause+")")
			if why != "" {
				skipped = append(skipped, fmt.Sprintf("%s (%s)", c.number, why))
				continue
			}
			asked = append(asked, c.number)
			found = append(found,
				finding("filter "+c.number+", denied", s.ask("check", c.operation, c.number, c.denied), "1"),
				finding("filter "+c.number+", allowed", s.ask("check", c.operation, c.number, c.allowed), "0"))
		}
		if len(asked) == 0 {
			t.GiveUp("no profile with one of the filters could be applied: %s", strings.Join(skipped, "; "))
		}
		seen := "denied and allowed told apart by " + strings.Join(asked, ", ")
		if len(skipped) > 0 {
			seen += "; not asked: " + strings.Join(skipped, "; ")
		}
		return selftest.Check(seen, found...)
	}
}

func deadProcess(t *selftest.Trial) selftest.Verdict {
	h := t.Part("end")
	h.End()
	any := answer(darwin.Sandboxed(h.Process.Pid))
	about := answer(darwin.Check(h.Process.Pid, "mach-lookup", 2, darwin.Text("org.hrhost.nobody")))
	isAnswer := func(s string) bool { return s == "0" || s == "1" }
	return selftest.Check(fmt.Sprintf("is it sandboxed: %s; about a name: %s", any, about),
		selftest.Finding{What: "an answer whether it is sandboxed (" + any + ")", Got: isAnswer(any), Want: false},
		selftest.Finding{What: "an answer about a name (" + about + ")", Got: isAnswer(about), Want: false},
	)
}

// variadicStack asks with one value and with two, which arrive only if they lie
// where the call looks for them.
func variadicStack(t *selftest.Trial) selftest.Verdict {
	if goarch != "arm64" {
		return selftest.NotHere("the claim is about arm64, this is %s", goarch)
	}
	s := under(t, `(allow default)(deny mach-lookup (global-name "org.hrhost.denied"))(deny distributed-notification-post (notification-name "org.hrhost.denied"))`)
	return selftest.Check("one value and two arrived: denied and allowed names were told apart",
		finding("one value, denied", s.ask("check", "mach-lookup", "2", "org.hrhost.denied"), "1"),
		finding("one value, allowed", s.ask("check", "mach-lookup", "2", "org.hrhost.allowed"), "0"),
		finding("two values, denied", s.ask("check", "distributed-notification-post", "9", "org.hrhost.denied"), "1"),
		finding("two values, allowed", s.ask("check", "distributed-notification-post", "9", "org.hrhost.allowed"), "0"),
	)
}

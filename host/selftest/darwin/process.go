//go:build darwin || linux

package darwin

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
)

var processExperiments = []*selftest.Experiment{
	{Fact: "proc.zero-is-error", Run: zeroIsError, Roles: holdRole},
	{Fact: "proc.denied", Run: procDenied, Roles: sealedRole},
	{Fact: "proc.other-user", Run: otherUser},
	{Fact: "proc.permission-first", Run: permissionFirst, Roles: sealedRole},
	{Fact: "proc.call-to-operation", Run: callToOperation, Roles: sealedRole},
	{Fact: "proc.list-kinds", Run: listKinds, Roles: holdRole},
	{Fact: "signal.denied", Run: signalDenied, Roles: sealedRole},
	{Fact: "signal.number-too-large", Run: tooLarge},
}

var holdRole = map[string]func(*selftest.Part){"hold": func(p *selftest.Part) {
	p.Say("%d", os.Getpid())
	p.Await()
}}

// zeroIsError asks about a process that is gone.
func zeroIsError(t *selftest.Trial) selftest.Verdict {
	h := t.Part("hold")
	h.Line()
	pid := h.Process.Pid
	alive := call("info", strconv.Itoa(pid))
	h.End()
	_, _, usage := darwin.Rusage(pid)
	return selftest.Check("about a process that is gone: 0 and ESRCH, from proc_pid_rusage -1 and ESRCH",
		finding("before it ended", alive, "ok"),
		finding("proc_pidinfo", raw(second(darwin.ProcessInfo(pid))), "0 ESRCH"),
		finding("proc_pidfdinfo", raw(second(darwin.PipeInfo(pid, 0))), "0 ESRCH"),
		finding("proc_pidpath", raw(second(darwin.ProcessPath(pid))), "0 ESRCH"),
		finding("proc_pid_rusage", raw(usage), "-1 ESRCH"),
	)
}

func procDenied(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(allow default)(deny process-info-pidinfo)`)
	return selftest.Check("EPERM about this process, which may be asked about without a profile",
		finding("denied", s.ask("info", self()), "EPERM"),
		finding("without a profile", call("info", self()), "ok"),
	)
}

func otherUser(*selftest.Trial) selftest.Verdict {
	if euid() == 0 {
		return selftest.NotHere("root may ask about every process: run it as an ordinary user")
	}
	return selftest.Check("about launchd: EPERM for the long info and what a process used, the short info, path and unique id are told",
		finding("long info", call("info", "1"), "EPERM"),
		finding("what it used", call("rusage", "1"), "EPERM"),
		finding("short info", call("short", "1"), "ok"),
		finding("path", call("path", "1"), "ok"),
		finding("unique id", call("unique", "1"), "ok"),
	)
}

// noDescriptor is a number that no process of ours has open.
const noDescriptor = "9999"

func permissionFirst(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(allow default)(deny process-info-pidfdinfo)`)
	return selftest.Check("EPERM about a descriptor that is not open, which answers EBADF without a profile",
		finding("denied", s.ask("pipe", self(), noDescriptor), "EPERM"),
		finding("without a profile", call("pipe", self(), noDescriptor), "EBADF"),
	)
}

// callToOperation denies one operation at a time, and wants one call and no other
// to be refused.
func callToOperation(t *selftest.Trial) selftest.Verdict {
	asks := []struct {
		name, operation string
		args            []string
	}{
		{"info", "process-info-pidinfo", []string{self()}},
		{"pipe", "process-info-pidfdinfo", []string{self(), noDescriptor}},
		{"rusage", "process-info-rusage", []string{self()}},
		{"list", "process-info-listpids", nil},
	}
	var found []selftest.Finding
	for _, denied := range asks {
		s := under(t, "(allow default)(deny "+denied.operation+")")
		for _, a := range asks {
			refused := s.ask(a.name, a.args...) == "EPERM"
			found = append(found, selftest.Finding{What: denied.operation + " denied refuses " + a.name, Got: refused, Want: a.name == denied.name})
		}
	}
	return selftest.Check("each of the four operations, denied alone, refused its own call and none of the others", found...)
}

func listKinds(t *selftest.Trial) selftest.Verdict {
	cmd := t.Command("hold")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	h := t.Start(cmd)
	h.Line()
	pid := h.Process.Pid
	children, err := darwin.Children(os.Getpid())
	t.Must(err, "listing children")
	group, err := darwin.GroupMembers(pid)
	t.Must(err, "listing a group")
	none, err := darwin.Children(pid)
	t.Must(err, "listing its children")
	return selftest.Check(fmt.Sprintf("our children %v, its group %v, its children %v", children, group, none),
		selftest.Finding{What: "it is among our children", Got: slices.Contains(children, pid), Want: true},
		selftest.Finding{What: "we are not", Got: slices.Contains(children, os.Getpid()), Want: false},
		finding("its group", fmt.Sprint(group), fmt.Sprint([]int{pid})),
		finding("its children", fmt.Sprint(none), "[]"),
	)
}

func signalDenied(t *selftest.Trial) selftest.Verdict {
	s := under(t, `(allow default)(deny signal)`)
	found := []selftest.Finding{
		finding("denied", s.ask("kill", self()), "EPERM"),
		finding("without a profile", call("kill", self()), "ok"),
	}
	seen := "EPERM under a profile, success without"
	if euid() != 0 {
		found = append(found, finding("another user's process, without a profile", call("kill", "1"), "EPERM"))
		seen += "; EPERM for another user's process without"
	}
	return selftest.Check(seen, found...)
}

func tooLarge(*selftest.Trial) selftest.Verdict {
	all, err := darwin.Processes()
	if err != nil {
		return selftest.Undone("listing processes: %v", err)
	}
	most := slices.Max(append(all, 0))
	var answers []string
	for _, n := range []string{"100000", "4194304"} {
		answers = append(answers, call("kill", n))
	}
	return selftest.Check(fmt.Sprintf("the highest of %d numbers is %d; kill of 100000 and 4194304 answered ESRCH", len(all), most),
		selftest.Finding{What: "the highest is at most 99999", Got: most > 0 && most <= 99999, Want: true},
		finding("kill of numbers above it", strings.Join(answers, " "), "ESRCH ESRCH"),
	)
}

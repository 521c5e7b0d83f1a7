package seatbelt

import (
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
)

// Covers lists the operations that the families probe. The system decides every
// operation of the language; these are the ones that hrhost has seen to call through.
func (p *Point) Covers() []enforce.Mediation {
	const log = "runtime and oracle; witness, incomplete: the unified log"
	row := func(op, objects, filter string, carriers ...string) enforce.Mediation {
		m := enforce.Mediation{Operation: op, Objects: objects, Filters: []string{}, Carriers: carriers, Lane: log}
		if filter != "" {
			m.Filters = append(m.Filters, filter)
		}
		return m
	}
	const processes = "processes"
	return []enforce.Mediation{
		row("darwin-notification-post", "notifications", "notification-name", "notify_post with NOTIFY_OPT_FILTERED"),
		row("distributed-notification-post", "notifications", "notification-name", "CFNotificationCenterPostNotification"),
		row("mach-lookup", "bootstrap services", "global-name", "bootstrap_look_up"),
		row("process-info-listpids", processes, "", "proc_listpids"),
		row("process-info-pidfdinfo", processes, "target", "proc_pidfdinfo"),
		row("process-info-pidinfo", processes, "target", "proc_pidinfo"),
		row("process-info-rusage", processes, "target", "proc_pid_rusage"),
		row("signal", processes, "target", "kill"),
		row("sysctl-read", "kernel parameters", "sysctl-name", "sysctlbyname"),
		row("sysctl-write", "kernel parameters", "sysctl-name", "sysctlbyname"),
	}
}

// Facts says whether there was a witness, and what macOS can't contain. The host does
// nothing to itself there.
func (p *Point) Facts() point.Facts {
	witness := "log stream, incomplete"
	if _, why := p.kernel.Records(time.Now()); why != "" {
		witness = "none: " + why
	}
	facts := point.Facts{
		Hardening: []point.Fact{{Name: "witness", Value: witness, Source: "log(1)"}},
		Containment: point.Containment{
			Landlock: point.Landlock{Detail: "macOS has none"},
			Layers: []point.Fact{
				{
					Name: "private_copy", Source: "host/launch",
					Value: "the bytes that were hashed are copied; what runs as the same user could change the copy",
				},
				{Name: "life_pipe", Value: "yes", Source: "host/launch"},
			},
			Missing: []string{"writes", "signals", "reading other processes", "processes that leave the plugin's group"},
		},
	}
	c := p.conf.Launcher.Containment()
	around := &facts.Containment
	for _, l := range c.Limits {
		around.Layers = append(around.Layers, point.Fact{Name: "limit", Value: l, Source: "setrlimit"})
	}
	for _, name := range c.NotSet {
		around.Missing = append(around.Missing, "limit "+name)
	}
	return facts
}

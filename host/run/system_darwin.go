package run

import (
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/darwin"
	rules "github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/sb/sbpl"
)

const (
	applyAPI     = rules.API
	sharedEngine = false // the kernel and sandbox_check know nothing of our evaluator
)

// applyTrivial applies the trivial profile to a process of our own, which is started
// as a plugin is and only exits.
func (r *runner) applyTrivial() error {
	dir, err := launch.NewDir(r.opts.TempDir)
	if err != nil {
		return err
	}
	defer dir.Remove()
	p, err := r.launcher.StartIdle(launch.Spec{Name: "preflight", Dir: dir, Profile: &launch.Profile{SBPL: preflightProfile}})
	if err != nil {
		return err
	}
	return p.EndIdle(launch.FirstStart)
}

// liveProfile has for each filter that sandbox_check is asked about one allowed
// name; every other is denied.
const liveProfile = `(version 1)(deny default)
(allow mach-lookup (global-name "hrhost.calibration.allowed"))
(allow distributed-notification-post (notification-name "hrhost.calibration.allowed"))`

// calibrate asks sandbox_check about a process of our own, sealed under
// liveProfile: a denied name and its allowed sibling, for each filter. Other
// filters are never asked about.
func (r *runner) calibrate() {
	r.live = map[bool]string{false: "not_needed", true: "uncalibrated"}
	dir, err := launch.NewDir(r.opts.TempDir)
	if err != nil {
		return
	}
	defer dir.Remove()
	p, err := r.launcher.StartHeld(launch.Spec{Name: "calibration", Dir: dir, Profile: &launch.Profile{SBPL: liveProfile}})
	if err != nil {
		return
	}
	defer p.WaitFor(launch.FirstStart)
	defer p.Release()
	ask := func(pid int, q sbpl.Query) enforce.Answer { return seatbelt.Answer(r.host.Kernel, pid, q) }
	if evidence.Calibrated(ask, p.PID, "mach-lookup", "global-name") == "calibrated" &&
		evidence.Calibrated(ask, p.PID, "distributed-notification-post", "notification-name") == "calibrated" {
		r.live[true] = "calibrated"
	}
}

// compiledDigest is of the profile as the system compiles it, nil when it can't
// be had. fact:compile.exports
func compiledDigest(prof *plan.Profile) *string {
	compiled, err := darwin.Compile(string(prof.Text), prof.Params)
	if err != nil {
		return nil
	}
	digest := bundle.Digest(compiled)
	return &digest
}

// Mediations are the operations that the families probe. The system decides
// every operation of the language; these are the ones that hrhost has seen to
// call through.
func Mediations() []enforce.Mediation {
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

// uncovered says why nobody decides what a family asks, "" when the system does.
func uncovered(family string, q sbpl.Query) string { return seatbelt.Uncovered(family, q.Operation) }

// hardening says whether there was a witness. The host does nothing to itself on
// macOS.
func (r *runner) hardening() []bundle.Fact {
	witness := "log stream, incomplete"
	if _, why := r.host.Kernel.Records(time.Now()); why != "" {
		witness = "none: " + why
	}
	return []bundle.Fact{{Name: "witness", Value: witness, Source: "log(1)"}}
}

// containment is the fence around every plugin. What macOS can't contain is
// written down.
func (r *runner) containment() bundle.Containment {
	out := bundle.Containment{
		Landlock: bundle.Landlock{Detail: "macOS has none"},
		Layers: []bundle.Fact{
			{Name: "private_copy", Value: "the bytes that were hashed are copied; what runs as the same user could change the copy", Source: "host/launch"},
			{Name: "life_pipe", Value: "yes", Source: "host/launch"},
		},
		Missing: []string{"writes", "signals", "reading other processes", "processes that leave the plugin's group"},
	}
	c := r.launcher.Containment()
	for _, l := range c.Limits {
		out.Layers = append(out.Layers, bundle.Fact{Name: "limit", Value: l, Source: "setrlimit"})
	}
	for _, name := range c.NotSet {
		out.Missing = append(out.Missing, "limit "+name)
	}
	return out
}

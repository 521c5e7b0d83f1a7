package evidence

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/families"
)

// TestDefaultPlanPredicts: on both systems the default plan's expectations are
// what its profiles say by the evaluator's reading, after sealing.
func TestDefaultPlanPredicts(t *testing.T) {
	for _, os := range []string{plan.Linux, plan.MacOS} {
		p, err := plan.Load("../../config.toml", plan.Options{OS: os})
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		for i := range p.Profiles {
			prof := &p.Profiles[i]
			for _, q := range Planned(prof) {
				d, row := Predict(prof, q, 0, true)
				asked++
				want := map[string]string{"absent": "allow"}[q.Expect]
				if want == "" {
					want = q.Expect
				}
				if row.Prediction != want {
					t.Errorf("%s: %s %s: %s by %s:%d, expected %s", os, ShownID(prof, q), q.Target, row.Prediction, d.Rule.File, d.Rule.Line, q.Expect)
				}
			}
		}
		if asked < 30 {
			t.Errorf("%s: only %d questions", os, asked)
		}
	}
}

// TestDefaultPlanOnMacOS: the targets that the report names, each as an allowed
// canary and as a denial.
func TestDefaultPlanOnMacOS(t *testing.T) {
	p, err := plan.Load("../../config.toml", plan.Options{OS: plan.MacOS})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	kinds := map[string]bool{}
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		family, kind, _ := strings.Cut(prof.ID, ".")
		kinds[family+" "+kind] = true
		for _, q := range Planned(prof) {
			found[strings.Join([]string{q.Operation, q.Target, q.Expect}, " ")] = true
		}
	}
	for _, want := range []string{
		"mach-lookup com.apple.cfprefsd.daemon allow", "mach-lookup com.apple.cfprefsd.daemon deny",
		"sysctl-read kern.osrelease allow", "sysctl-read kern.bootargs allow", "sysctl-read kern.bootargs deny",
		"process-info-pidinfo pid1 allow", "process-info-pidinfo pid1 deny",
		"darwin-notification-post org.hrhost.test.Allowed allow", "darwin-notification-post org.hrhost.test.Denied deny",
		"distributed-notification-post org.hrhost.test.Allowed allow", "distributed-notification-post org.hrhost.test.Allowed deny",
		"signal child allow", "signal child deny", "signal sibling deny",
	} {
		if !found[want] {
			t.Errorf("the default plan lacks %q", want)
		}
	}
	for _, f := range families.All() {
		for _, kind := range []string{"strict", "canary", "deny"} {
			if kinds[f.Name+" "+kind] != f.DefaultPlan {
				t.Errorf("config.toml: profile %s.%s: present %v, but plugins/%[1]s has InDefaultPlan = %[4]v",
					f.Name, kind, !f.DefaultPlan, f.DefaultPlan)
			}
		}
	}
}

// TestDefaultPlanAllowsLookUps: a post first looks its centre up, and a profile that
// denies the look-up says nothing about the post. fact:distributed.look-up
func TestDefaultPlanAllowsLookUps(t *testing.T) {
	names := map[string][]string{
		"darwin-notification-post": {"com.apple.system.notification_center"},
		"distributed-notification-post": {
			"com.apple.distributed_notifications@Uv3", "com.apple.distributed_notifications@1v3",
		},
	}
	p, err := plan.Load("../../config.toml", plan.Options{OS: plan.MacOS})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		for _, q := range Planned(prof) {
			for _, name := range names[q.Operation] {
				look := Question{Probe: plan.Probe{Operation: "mach-lookup", Filter: "global-name", Target: name}}
				if _, row := Predict(prof, look, 0, true); row.Prediction != "allow" {
					t.Errorf("%s: mach-lookup of %s: %s", ShownID(prof, q), name, row.Prediction)
				}
				asked++
			}
		}
	}
	if asked < 6 {
		t.Errorf("only %d look-ups", asked)
	}
}

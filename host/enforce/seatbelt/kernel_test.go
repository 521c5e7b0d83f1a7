package seatbelt

import (
	"errors"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// fakeKernel answers as a Mac would under a policy.
type fakeKernel struct {
	Kernel
	sandboxed bool
	err       error        // of Sandboxed
	policy    *sbpl.Policy // of the process; nil fails every question
	asked     []seatbelt.Question
}

func (k *fakeKernel) Sandboxed(int) (bool, error) { return k.sandboxed, k.err }

func (k *fakeKernel) Check(_ int, q seatbelt.Question) (bool, error) {
	k.asked = append(k.asked, q)
	if k.policy == nil {
		return false, errors.New("EINVAL")
	}
	query := sbpl.Query{Operation: q.Operation}
	switch q.Filter {
	case 2:
		query.Filters = []sbpl.Filter{{Name: "global-name", Value: q.Texts[0]}}
	case 9:
		query.Filters = []sbpl.Filter{{Name: "notification-name", Value: q.Texts[0]}}
	}
	return k.policy.Decide(query).Action == sbpl.Deny, nil
}

func policy(t *testing.T, text string) *sbpl.Policy {
	t.Helper()
	p, err := sbpl.Compile([]byte(text), sbpl.Options{Name: "test.sb"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBelieve(t *testing.T) {
	strict := policy(t, "(version 1)(deny default)")
	open := policy(t, "(version 1)(allow default)")
	narrow := policy(t, "(version 1)(allow default)(deny process-fork)")
	ok := wire.SealReport{InForce: true, Apply: &wire.ApplyReport{API: seatbelt.API}}
	refused := func(detail, text string) wire.SealReport {
		return wire.SealReport{Detail: detail, Apply: &wire.ApplyReport{API: seatbelt.API, RC: -1, Errno: 1, Errbuf: text}}
	}
	for _, c := range []struct {
		name    string
		report  wire.SealReport
		kernel  fakeKernel
		planned *sbpl.Policy
		reason  lane.Reason // "" is believed
		says    string
	}{
		{"sealed", ok, fakeKernel{sandboxed: true, policy: strict}, strict, "", ""},
		{"sealed by a narrow profile", ok, fakeKernel{sandboxed: true, policy: narrow}, narrow, "", ""},
		{"an open profile has no canary", ok, fakeKernel{sandboxed: true, policy: open}, open, "", ""},
		{"applied before exec", wire.SealReport{InForce: true}, fakeKernel{sandboxed: true, policy: strict}, strict, "", ""},
		{"a lie", ok, fakeKernel{}, strict, lane.ApplyFailed, "has no sandbox"},
		{"another profile than the planned", ok, fakeKernel{sandboxed: true, policy: open}, strict, lane.ApplyFailed, "not this profile's"},
		{"sandbox_check fails", ok, fakeKernel{err: errors.New("EPERM")}, strict, lane.ApplyFailed, "EPERM"},
		{"the canary fails", ok, fakeKernel{sandboxed: true}, strict, lane.ApplyFailed, "EINVAL"},
		{"nested", refused("already_sandboxed", ""), fakeKernel{}, strict, lane.ApplyAlreadySandboxed, "start hrhost from Terminal"},
		{"refused", refused("errno_eperm", ""), fakeKernel{}, strict, lane.ApplyFailed, "entitlement"},
		{"not compiled", wire.SealReport{Apply: &wire.ApplyReport{RC: -1, Errno: 22, Errbuf: "unbound variable: x"}}, fakeKernel{}, strict, lane.ApplyFailed, "unbound variable: x"},
		{"no apply report", wire.SealReport{Detail: "not today"}, fakeKernel{}, strict, lane.ApplyFailed, "not today"},
	} {
		err := Believe(&c.kernel, 42, c.report, c.planned)
		var r *point.Refused
		switch {
		case c.reason == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.reason == "":
		case !errors.As(err, &r) || r.Reason != c.reason || !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestCanaryIsFresh: an answer can't have been kept from another run.
func TestCanaryIsFresh(t *testing.T) {
	p := policy(t, "(version 1)(deny default)")
	a, _ := Canary(p)
	b, _ := Canary(p)
	if a.Texts[0] == b.Texts[0] {
		t.Errorf("twice the canary %q", a.Texts)
	}
}

func TestAnswer(t *testing.T) {
	k := &fakeKernel{policy: policy(t, `(version 1)(deny default)(allow mach-lookup (global-name "com.example.ok"))`)}
	for _, c := range []struct {
		op     string
		facts  []sbpl.Filter
		want   string
		detail string
	}{
		{"mach-lookup", []sbpl.Filter{{Name: "global-name", Value: "com.example.ok"}}, "allow", ""},
		{"mach-lookup", []sbpl.Filter{{Name: "global-name", Value: "com.example.no"}}, "deny", ""},
		{"sysctl-read", []sbpl.Filter{{Name: "sysctl-name", Value: "kern.ostype"}}, "unsupported_by_api", "sysctl-name"},
		{"signal", []sbpl.Filter{{Name: "target", Value: "others"}, {Name: "target", Value: "children"}}, "unsupported_by_api", "target"},
	} {
		before := len(k.asked)
		a := Answer(k, 42, sbpl.Query{Operation: c.op, Filters: c.facts})
		if a.Source != "sandbox_check" || a.Prediction != c.want || !strings.Contains(a.Detail, c.detail) {
			t.Errorf("%s %v: %+v", c.op, c.facts, a)
		}
		if c.want == "unsupported_by_api" && len(k.asked) != before {
			t.Errorf("%s was asked about all the same: %+v", c.op, k.asked[before:])
		}
	}
	k.policy = nil
	if a := Answer(k, 42, sbpl.Query{Operation: "process-fork"}); a.Prediction != "error" || a.Detail == "" {
		t.Errorf("a failing question: %+v", a)
	}
}

// TestUncovered: a plain post is the one call that no policy is asked about.
func TestUncovered(t *testing.T) {
	for _, c := range []struct {
		family, operation string
		decides           bool
	}{
		{"notifyplain", "darwin-notification-post", false},
		{"notify", "darwin-notification-post", true},
		{"notify", "distributed-notification-post", true},
		{"sysctl", "sysctl-read", true},
	} {
		if got := Uncovered(c.family, c.operation); (got == "") != c.decides {
			t.Errorf("%s of %s: %q", c.operation, c.family, got)
		}
	}
}

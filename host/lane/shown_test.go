package lane

import "testing"

func TestShown(t *testing.T) {
	signal, errno := 11, 5
	for _, c := range []struct {
		status string
		r      Result
		e      Effect
		want   string
	}{
		{"success", Result{Class: OK, Value: "Linux\n"}, EffectUnobservable, `"Linux"`},
		{"success", Result{Class: OK, Value: "#1 SMP PREEMPT"}, EffectUnobservable, `"#1 SMP P.."`},
		{"success", Result{Class: OK, Value: "äöüäöüäöüäöü"}, EffectUnobservable, `"äöüäöüäö.."`},
		{"success", Result{Class: OK, Value: "\x1b[31m"}, EffectUnobservable, `"\x1b[31m"`},
		{"success", Result{Class: OK}, EffectUnobservable, "ok"},
		{"success", Result{Class: OK}, EffectSeen, "delivered"},
		{"success", Result{Class: OK}, EffectAbsent, "not delivered"},
		{"errno", Result{Class: Denied, ErrnoName: "EPERM"}, EffectAbsent, "EPERM"},
		{"errno", Result{Class: Other, Errno: &errno}, EffectUnobservable, "errno 5"},
		{"errno", Result{Class: Denied, Native: &Native{API: "dbus", Name: "org.freedesktop.DBus.Error.AccessDenied"}}, EffectUnobservable, "AccessDenied"},
		{"errno", Result{Class: Missing, Native: &Native{API: "mach", Code: 1102}}, EffectUnobservable, "mach 1102"},
		{"died", Result{Signal: &signal}, EffectUnobservable, "died, signal 11"},
		{"not_reached", Result{Class: NoResult}, EffectUnobservable, "not_reached"},
	} {
		if got := Shown(c.status, c.r, c.e, 10); got != c.want {
			t.Errorf("%s %+v: %s, want %s", c.status, c.r, got, c.want)
		}
	}
}

func TestPlace(t *testing.T) {
	for want, r := range map[string]RuleRef{
		"a.sb:4:1":           {File: "a.sb", Line: 4, Col: 1},
		"<implicit>":         {File: "<implicit>"},
		"default of default": {DecidedAt: "default"},
		// Older bundles have a place.
		"default of signal":     {File: "a.sb", Line: 1, Col: 1, DecidedAt: "signal", Default: true},
		"system rule of signal": {DecidedAt: "signal", Implicit: true},
		"system rule of mach*":  {File: "a.sb", Line: 1, Col: 1, DecidedAt: "mach*", Implicit: true},
	} {
		if got := r.Place(); got != want {
			t.Errorf("%+v: %s, want %s", r, got, want)
		}
		named := want
		if r.File != "" && !r.Default && !r.Implicit {
			named = "rule " + want
		}
		if got := r.Named(); got != named {
			t.Errorf("%+v: %s, want %s", r, got, named)
		}
	}
}

package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// modifierName is what stands after with.
type modifierName struct {
	name string
	args int
}

func (m *modifierName) String() string { return "modifier " + m.name }

// modifierArgs are the modifiers and how many arguments each takes.
var modifierArgs = map[string]int{
	"send-signal": 1, "report": 0, "no-report": 0, "no-sandbox": 0, "default-sandbox": 1, "grant": 0,
	"rootless": 0, "rootless-modifier": 0, "no-times": 0, "no-callout": 0, "partial-symbolication": 0,
	"termination": 0, "message": 1, "user-approval": 0, "authority": 0, "telemetry": 0, "no-approval-prompt": 0,
	"assign-storage-class": 1, "file-approval-override": 0, "telemetry-backtrace": 0, "enable-state-flag": 1,
	"no-storage-class": 0, "message-filter": 0, "sip-override": 0, "errno": 1,
}

// deprecated modifiers are dropped.
var deprecated = []string{"no-callout", "partial-symbolication"}

// onlyWith are the modifiers that suit one action.
var onlyWith = map[string]Action{
	"report": Allow, "no-sandbox": Allow, "default-sandbox": Allow, "grant": Allow, "no-times": Allow,
	"no-report": Deny, "rootless": Deny, "errno": Deny,
}

func withModifier(k *scheme.Call) (scheme.Value, error) {
	m, ok := k.Args[0].(*modifierName)
	if !ok {
		return nil, k.Errorf("illegal modifier: %s", scheme.Show(k.Args[0]))
	}
	if len(k.Args)-1 != m.args {
		return nil, k.Errorf("malformed modifier: %s takes %d arguments", m.name, m.args)
	}
	out := &Modifier{Name: m.name}
	for _, a := range k.Args[1:] {
		switch x := a.(type) {
		case *syntax.Str:
			out.Args = append(out.Args, x.S)
		case *constant:
			out.Args = append(out.Args, x.name)
		default:
			out.Args = append(out.Args, scheme.Show(a))
		}
	}
	return out, nil
}

// checkModifiers drops the deprecated and refuses what does not fit.
func (c *compiler) checkModifiers(k *scheme.Call, a Action, mods []Modifier) ([]Modifier, error) {
	var out []Modifier
	for _, m := range mods {
		if slices.Contains(deprecated, m.Name) {
			continue
		}
		if slices.ContainsFunc(out, func(o Modifier) bool { return o.Name == m.Name }) {
			return nil, k.Errorf("%s modifier can only appear once per rule", m.Name)
		}
		if only, ok := onlyWith[m.Name]; ok && only != a {
			return nil, k.Errorf("%s modifier does not apply to %s action", m.Name, a)
		}
		out = append(out, m)
	}
	return out, nil
}

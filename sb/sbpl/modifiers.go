package sbpl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// modifierName is what stands after with.
type modifierName struct {
	name string
	kind modifierKind
}

func (m *modifierName) String() string { return "modifier " + m.name }

// modifierKind is a modifier's arguments, the one action that it suits, and the
// first release that has it.
type modifierKind struct {
	args  string // "", "int", "string", "any"
	only  Action // Unknown: both
	since string
}

var modifierKinds = map[string]modifierKind{
	"send-signal":            {args: "int"},
	"report":                 {only: Allow},
	"no-report":              {only: Deny},
	"no-sandbox":             {only: Allow},
	"default-sandbox":        {args: "string", only: Allow, since: "10.12"},
	"grant":                  {only: Allow},
	"rootless":               {only: Deny, since: "10.10"},
	"no-times":               {only: Allow, since: "10.12"},
	"no-callout":             {},
	"partial-symbolication":  {},
	"message":                {args: "string", since: "10.13"},
	"user-approval":          {args: "any", since: "10.14"},
	"assign-storage-class":   {args: "any", since: "10.14"},
	"file-approval-override": {args: "any", since: "10.14"},
	"authority":              {args: "any", since: "10.15"},
	"telemetry":              {since: "10.15"},
	"no-approval-prompt":     {since: "10.15"},
	"termination":            {since: "10.15"},
	"telemetry-backtrace":    {since: "14"},
	"enable-state-flag":      {args: "any", since: "14"},
	"no-storage-class":       {since: "14"},
	"message-filter":         {args: "any", since: "14"},
	"sip-override":           {since: "14"},
	"errno":                  {args: "any", only: Deny, since: "14"},
}

var modifierAliases = map[string]string{"no-log": "no-report", "no-profile": "no-sandbox", "rootless-modifier": "rootless"}

func bindModifiers(b scheme.Base, t *ops.Table) {
	order := ops.Releases()
	at := slices.Index(order, t.Release)
	for name, kind := range modifierKinds {
		if at >= slices.Index(order, kind.since) {
			b[syntax.Symbol(name)] = &modifierName{name, kind}
		}
	}
	for alias, name := range modifierAliases {
		if v, ok := b[syntax.Symbol(name)]; ok {
			b[syntax.Symbol(alias)] = v
		}
	}
}

// deprecated modifiers are dropped.
var deprecated = []string{"no-callout", "partial-symbolication"}

func (m *Modifier) String() string {
	return "(with " + strings.Join(append([]string{m.Name}, m.Args...), " ") + ")"
}

// withModifier is (with NAME ARG...).
func withModifier(k *scheme.Call) (scheme.Value, error) {
	m, ok := k.Args[0].(*modifierName)
	if !ok {
		return nil, k.Errorf("illegal modifier: %s", scheme.Show(k.Args[0]))
	}
	args := k.Args[1:]
	if bad := m.kind.malformed(args); bad != "" {
		return nil, k.Errorf("malformed modifier: %s %s", m.name, bad)
	}
	if m.name == "termination" {
		return &Modifier{Name: "send-signal", Args: []string{"SIGKILL"}}, nil
	}
	out := &Modifier{Name: m.name}
	for _, a := range args {
		switch x := a.(type) {
		case *syntax.Str:
			out.Args = append(out.Args, x.S)
		case *constant:
			out.Args = append(out.Args, x.name)
		default:
			text := scheme.Show(a)
			if err := cmp.Or(k.M.Alloc(k.Pos, len(text)), k.M.Work(k.Pos, len(text)/64)); err != nil {
				return nil, err
			}
			out.Args = append(out.Args, text)
		}
	}
	return out, nil
}

// malformed says what is wrong with a modifier's arguments.
func (kind modifierKind) malformed(args []scheme.Value) string {
	switch kind.args {
	case "":
		if len(args) > 0 {
			return "takes no argument"
		}
	case "string":
		if len(args) != 1 {
			return "takes one string"
		}
		if _, ok := args[0].(*syntax.Str); !ok {
			return "takes one string"
		}
	case "int":
		if len(args) != 1 {
			return "takes one signal number"
		}
		n, ok := args[0].(int64)
		if con, named := args[0].(*constant); named {
			n, ok = con.value, true
		}
		if !ok || n < 1 || n > 31 {
			return "takes one signal number, 1 to 31"
		}
	}
	return ""
}

// checkModifiers drops the deprecated and refuses what does not fit the action.
func checkModifiers(k *scheme.Call, a Action, mods []Modifier) ([]Modifier, error) {
	var out []Modifier
	for _, m := range mods {
		if slices.Contains(deprecated, m.Name) {
			continue
		}
		if slices.ContainsFunc(out, func(o Modifier) bool { return o.Name == m.Name }) {
			return nil, k.Errorf("%s modifier can only appear once per rule", m.Name)
		}
		if only := modifierKinds[m.Name].only; only != Unknown && only != a {
			return nil, k.Errorf("%s modifier does not apply to %s action", m.Name, a)
		}
		out = append(out, m)
	}
	return out, nil
}

// modifierFits reports that an operation takes a modifier. Which operations
// take those of the releases after 10.15 is not known: all.
func modifierFits(o *ops.Operation, name string) bool {
	return slices.Contains(o.Modifiers, name) || modifierKinds[name].since == "14"
}

package sbpl

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// operation is an operation named in a profile. noop is one that the release
// accepts and ignores.
type operation struct {
	name string
	noop bool
}

func (o *operation) String() string { return "operation " + o.name }

// action is allow or deny: operations, filters and modifiers in any order.
func action(a Action) func(*scheme.Call) (scheme.Value, error) {
	return func(k *scheme.Call) (scheme.Value, error) {
		var named []*operation
		var tests []*test
		var mods []Modifier
		for i, arg := range k.Args {
			if t, ok := asFilter(arg); ok {
				tests = append(tests, t)
				continue
			}
			switch x := arg.(type) {
			case *operation:
				if i == 0 && x.noop {
					return scheme.Unspecified, nil
				}
				named = append(named, x)
			case *Modifier:
				mods = append(mods, *x)
			default:
				return nil, k.Errorf("illegal argument: %s", scheme.Show(arg))
			}
		}
		if len(named) == 0 {
			return nil, k.Errorf("at least one operation required")
		}
		return scheme.Unspecified, host(k).enter(k, a, named, tests, mods)
	}
}

// enter adds a rule to the lists of the operations that it names.
func (c *compiler) enter(k *scheme.Call, a Action, named []*operation, tests []*test, mods []Modifier) error {
	mods, err := checkModifiers(k, a, mods)
	if err != nil {
		return err
	}
	r := &rule{action: a, modifiers: mods, pos: k.Pos, via: c.top}
	if r.pos.Line == 0 {
		r.pos = c.top
	}
	weight := 0
	if len(tests) > 0 {
		r.test = anyOf(tests)
		weight = r.test.weight()
	}
	if err := c.machine.Alloc(r.pos, 256+64*len(named)); err != nil {
		return err
	}
	r.text = ruleText(a, k, named)
	if r.text != k.Form.Text { // it does not share the memory of the profile
		if err := cmp.Or(c.machine.Alloc(r.pos, len(r.text)), c.machine.Work(r.pos, len(r.text)/64)); err != nil {
			return err
		}
	}
	for _, o := range named {
		if o.noop {
			continue
		}
		if err := c.machine.Work(r.pos, 1+weight); err != nil {
			return err
		}
		info := c.table.release.ByName[o.name]
		if err := c.fits(k, info, r); err != nil {
			return err
		}
		c.table.add(o.name, r)
	}
	return nil
}

// fits checks a rule's filters and modifiers against what the operation takes.
// Profiles that Apple ships with 10.15.2 break the table's word on filters, so
// the releases with such a library can't refuse it. There it is warned of.
func (c *compiler) fits(k *scheme.Call, o *ops.Operation, r *rule) error {
	wrong := ""
	r.test.each(func(t *test) {
		if wrong == "" && !c.accepts(o, t.category) {
			wrong = t.category
		}
	})
	if wrong != "" {
		text := wrong + " filter does not apply to " + o.Name + " operation"
		switch c.table.release.Release {
		case "10.11", "10.12", "10.13", "10.14", "10.15":
			c.warn(k, "category", text)
		default:
			return k.Errorf("%s", text)
		}
	}
	for _, m := range r.modifiers {
		if !modifierFits(o, m.Name) {
			return k.Errorf("%s modifier does not apply to %s operation", m.Name, o.Name)
		}
	}
	return nil
}

// accepts reports that an operation, or one below it, takes filters of a
// category: (allow process-info* (target self)) is how profiles write it.
func (c *compiler) accepts(o *ops.Operation, category string) bool {
	if o.Accepts(category) || c.table.release.Old() {
		return o.Accepts(category)
	}
	return c.table.release.Below(o.Name, category)
}

// maxText bounds the text of a rule or filter, in bytes: what a few pairs share
// may be written many times.
const maxText = 64 << 10

// ruleText is the rule as written, on one line.
func ruleText(a Action, k *scheme.Call, named []*operation) string {
	head, _ := k.Form.Car.(syntax.Symbol)
	switch {
	case head != "allow" && head != "deny": // (apply allow ...) and the like
	case k.Form.Text == "":
		return scheme.Show(k.Form)
	case !strings.ContainsAny(k.Form.Text, "\n;\t"):
		return k.Form.Text
	default:
		return scheme.Show(k.Form)
	}
	var b strings.Builder
	b.WriteString("(" + a.String())
	for _, o := range named {
		if b.Len() > maxText {
			break
		}
		b.WriteString(" " + o.name)
	}
	for _, arg := range k.Args {
		if b.Len() > maxText {
			b.WriteString(" ...")
			break
		}
		if t, ok := asFilter(arg); ok {
			b.WriteString(" " + t.String())
		}
		if m, ok := arg.(*Modifier); ok {
			b.WriteString(" " + m.String())
		}
	}
	return b.String() + ")"
}

// String is a filter as a profile would write it.
func (t *test) String() string {
	var b strings.Builder
	t.write(&b, 0)
	return b.String()
}

func (t *test) write(b *strings.Builder, depth int) {
	if depth > 20 || b.Len() > 4096 {
		b.WriteString("...")
		return
	}
	group := func(name string, of []*test) {
		b.WriteString("(" + name)
		for _, s := range of {
			if b.Len() > maxText {
				break
			}
			b.WriteByte(' ')
			s.write(b, depth+1)
		}
		b.WriteByte(')')
	}
	switch {
	case t.all != nil:
		group("require-all", t.all)
	case t.any != nil:
		group("require-any", t.any)
	case t.not != nil:
		group("require-not", []*test{t.not})
	case t.how == entitled:
		fmt.Fprintf(b, "(require-entitlement %q)", strings.TrimPrefix(t.fact, "entitlement:"))
	case t.how == unix:
		b.WriteString("(remote unix-socket)")
	default:
		b.WriteString("(" + t.name())
		for _, v := range t.values {
			if b.Len() > maxText {
				b.WriteString(" ...")
				break
			}
			fmt.Fprintf(b, " %q", v)
		}
		for _, p := range t.patterns {
			b.WriteString(` #"` + p.String() + `"`)
		}
		for _, n := range t.numbers {
			b.WriteString(" " + t.numberName(n))
		}
		for _, e := range t.ends {
			b.WriteString(" " + e.String())
		}
		b.WriteByte(')')
	}
}

// name is the member of the filter's family that a leaf is.
func (t *test) name() string {
	as := map[how]string{prefix: "prefix", subpath: "subpath", matching: "regex"}[t.how]
	if t.fact == "path" { // by the names that profiles use
		return cmp.Or(as, "literal")
	}
	for _, m := range t.filter.Members {
		if m.How == as || as == "" && m.How == "literal" {
			return m.Name
		}
	}
	return t.fact
}

func (t *test) numberName(n int64) string {
	best := ""
	for name, v := range t.filter.Values {
		if v == n && (best == "" || name < best) {
			best = name
		}
	}
	if best == "" {
		return fmt.Sprint(n)
	}
	return best
}

func (e end) String() string {
	name := "ip"
	for n, p := range protos {
		if p == e.proto {
			name = n
		}
	}
	host, port := "*", "*"
	if e.host == localhost {
		host = "localhost"
	}
	if e.port != anyPort {
		port = fmt.Sprint(e.port)
	}
	return name + ` "` + host + ":" + port + `"`
}

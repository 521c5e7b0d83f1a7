package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/pattern"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// compiler is one profile on its way to a Policy.
type compiler struct {
	options  Options
	machine  *scheme.Machine
	table    *table
	patterns map[string]*pattern.Pattern
	sources  map[string][]byte // by file name, for snippets
	imports  []Import
	loading  []string // imports under way, for cycles
	version  int64
	origin   Pos // of the version form
	top      Pos // of the form of the top level under way
	traced   bool
	listed   bool     // the profile lists the system calls: none is inferred
	unset    []string // parameters that were asked for and have no value
	errors   []*Error
	warnings []Warning
	broken   map[string]bool // names whose definition failed: their absence is not reported
	deaf     bool            // an import failed: what it would define is not known
}

// host is the compiler behind a procedure's call.
func host(k *scheme.Call) *compiler { return k.M.Host.(*compiler) }

// Compile evaluates a profile. What is wrong with it is an *Error, or Errors
// when more was found: a profile is refused as a whole.
func Compile(source []byte, opts Options) (*Policy, error) {
	if opts.Name == "" {
		opts.Name = "<profile>"
	}
	tableOf := ops.For
	if opts.Linux {
		tableOf = ops.ForLinux
	}
	release, err := tableOf(opts.Release)
	if err != nil {
		return nil, err
	}
	c := &compiler{
		options: opts, machine: scheme.New(beforeVersion()), table: newTable(release),
		patterns: map[string]*pattern.Pattern{}, sources: map[string][]byte{opts.Name: source}, broken: map[string]bool{},
	}
	c.machine.Host = c
	if opts.MaxSteps > 0 {
		c.machine.MaxSteps = opts.MaxSteps
	}
	if opts.MaxMemory > 0 {
		c.machine.MaxBytes = opts.MaxMemory
	}
	if opts.Took != nil {
		defer func() { opts.Took.Steps, opts.Took.Memory = c.machine.Took() }()
	}
	for name, v := range opts.Globals {
		c.machine.Global.Define(syntax.Symbol(name), global(v))
	}
	c.top = Pos{File: opts.Name, Line: 1, Col: 1}
	c.report(c.load(opts.Name, source))
	if c.version == 0 && len(c.errors) == 0 {
		c.report(&scheme.Error{Pos: Pos{File: opts.Name, Line: 1, Col: 1}, Msg: "no version specified: a profile begins with (version 1)"})
	}
	if len(c.errors) == 0 {
		c.report(c.addImplicit())
	}
	if len(c.errors) > 0 {
		return nil, c.failure()
	}
	p := newPolicy(c.table)
	p.imports, p.warnings, p.version = c.imports, c.warnings, c.origin
	return p, nil
}

func global(v any) scheme.Value {
	switch x := v.(type) {
	case string:
		return &syntax.Str{S: x}
	case bool:
		return x
	case []string:
		var l []scheme.Value
		for _, s := range x {
			l = append(l, &syntax.Str{S: s})
		}
		return scheme.List(l...)
	}
	return syntax.Empty{}
}

// maxErrors bounds how many errors are reported together.
const maxErrors = 20

// load evaluates a file, one datum after another. After one that fails it goes
// on with the next, to find more of what is wrong; what can't be gone on from
// is returned.
func (c *compiler) load(name string, src []byte) error {
	if err := c.machine.Alloc(c.top, len(src)); err != nil {
		return err
	}
	r := syntax.NewReader(name, string(src))
	outer := c.top
	defer func() { c.top = outer }()
	for {
		from := r.Taken()
		d, pos, ok, err := r.Next()
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		if len(c.loading) == 0 { // a rule in an import is led to by the import form
			c.top = pos
		}
		if err := c.machine.Work(pos, (r.Taken()-from)/16); err != nil {
			return err
		}
		_, err = c.machine.Eval(d, c.machine.Global, pos)
		if err == nil {
			continue
		}
		c.breaks(d)
		if c.report(err); c.fatal(err) || len(c.errors) >= maxErrors {
			return errStopped
		}
	}
}

// mayDefine are forms at the top level in which a definition may stand.
var mayDefine = []any{syntax.Symbol("begin"), syntax.Symbol("if"), syntax.Symbol("when"), syntax.Symbol("unless"), syntax.Symbol("cond")}

// breaks notes the name that a failed definition would have bound.
func (c *compiler) breaks(d syntax.Datum) {
	form, ok := d.(*syntax.Pair)
	if !ok {
		return
	}
	items, _ := scheme.Slice(form)
	if len(items) < 2 || !slices.Contains([]any{syntax.Symbol("define"), syntax.Symbol("macro"), syntax.Symbol("define-macro")}, items[0]) {
		c.deaf = c.deaf || len(items) > 0 && slices.Contains(mayDefine, items[0])
		return
	}
	target := items[1]
	if head, ok := target.(*syntax.Pair); ok {
		target = head.Car
	}
	if s, ok := target.(syntax.Symbol); ok {
		c.broken[string(s)] = true
	}
}

func setVersion(k *scheme.Call) (scheme.Value, error) {
	c := host(k)
	n, err := k.Int(0)
	switch {
	case err != nil:
		return nil, err
	case c.version == n:
		return scheme.Unspecified, nil
	case c.version != 0:
		return nil, k.Errorf("only one version may be specified")
	case n < 1 || n > 3:
		return nil, k.Errorf("unsupported version %d", n)
	case !c.table.release.Accepts(n):
		return nil, k.Errorf("unsupported version %d: macOS %s knows version 1 only", n, c.table.release.Release)
	}
	c.version, c.origin = n, k.Pos
	c.table = newTable(c.table.release.ForVersion(n)) // there are no rules before
	c.table.originate(k.Pos)
	c.machine.Global.SetBase(libraryOf(c.table.release))
	return scheme.Unspecified, nil
}

package sbpl

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// compiler is one profile on its way to a Policy.
type compiler struct {
	options   Options
	machine   *scheme.Machine
	table     *table
	constants map[string]*constant
	regexes   map[string]*regexp.Regexp
	sources   map[string][]byte // by file name, for snippets
	imports   []Import
	loading   []string // imports under way, for cycles
	version   int64
	implicit  bool
}

// Compile evaluates a profile. Whatever is wrong with it is an *Error: it is
// refused as a whole.
func Compile(source []byte, opts Options) (*Policy, error) {
	if opts.Name == "" {
		opts.Name = "<profile>"
	}
	release, err := ops.For(opts.Release)
	if err != nil {
		return nil, err
	}
	c := &compiler{
		options: opts, machine: scheme.New(), table: newTable(release), constants: constants(),
		regexes: map[string]*regexp.Regexp{}, sources: map[string][]byte{opts.Name: source},
	}
	if opts.MaxSteps > 0 {
		c.machine.MaxSteps = opts.MaxSteps
	}
	if opts.MaxMemory > 0 {
		c.machine.MaxBytes = opts.MaxMemory
	}
	c.prelude()
	if err := c.load(opts.Name, source); err != nil {
		return nil, c.explain(err)
	}
	if c.version == 0 {
		return nil, c.explain(&scheme.Error{Pos: Pos{File: opts.Name, Line: 1, Col: 1}, Msg: "no version specified: a profile begins with (version 1)"})
	}
	if err := c.addImplicit(); err != nil {
		return nil, c.explain(err)
	}
	p := &Policy{table: c.table, walks: walkAll(c.table), imports: c.imports, options: opts}
	p.warnings = c.findings()
	return p, nil
}

// prelude is what is known before (version N) runs.
func (c *compiler) prelude() {
	g := c.machine.Global
	g.Define("version", &scheme.Builtin{Name: "version", Min: 1, Max: 1, Do: c.setVersion})
	param := &scheme.Builtin{Name: "param", Min: 1, Max: 1, Do: func(k *scheme.Call) (scheme.Value, error) {
		key, err := k.Str(0)
		if v, ok := c.options.Params[key]; ok && err == nil {
			return &syntax.Str{S: v}, nil
		}
		return false, err
	}}
	g.Define("param", param)
	g.Define("getenv", param)
	for name, v := range c.options.Globals {
		g.Define(name, global(v))
	}
}

func global(v any) scheme.Value {
	switch x := v.(type) {
	case string:
		return &syntax.Str{S: x}
	case bool:
		return x
	}
	return syntax.Empty{}
}

// load evaluates a file, one datum after another.
func (c *compiler) load(name string, src []byte) error {
	r := syntax.NewReader(name, string(src))
	for {
		d, pos, ok, err := r.Next()
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		if _, err := c.machine.Eval(d, c.machine.Global, pos); err != nil {
			return err
		}
	}
}

func (c *compiler) setVersion(k *scheme.Call) (scheme.Value, error) {
	n, err := k.Int(0)
	switch {
	case err != nil:
		return nil, err
	case c.version == n:
		return scheme.Unspecified, nil
	case c.version != 0:
		return nil, k.Errorf("only one version may be specified")
	case n != 1 && (n < 1 || n > 3 || c.table.release.Release != ops.Newest):
		return nil, k.Errorf("unsupported version %d", n)
	}
	c.version = n
	c.library()
	return scheme.Unspecified, c.load("<library>", []byte(wrappers))
}

// wrappers are the library's macros: they replace allow and deny while their
// body runs, and put them back.
const wrappers = `
(macro (debug form) '())
(define (%wrapped body extra)
  (let ((a allow) (d deny))
    (set! allow (lambda args (apply a (append args (extra args)))))
    (set! deny (lambda args (apply d (append args (extra args)))))
    (body)
    (set! allow a)
    (set! deny d)))
(macro (with-modifier form)
  ` + "`" + `(%wrapped (lambda () ,@(cddr form)) (lambda (args) (list (with ,(cadr form))))))
(macro (with-operations form)
  ` + "`" + `(%wrapped (lambda () ,@(cddr form)) (lambda (args) ,(cadr form))))
(macro (with-filter form)
  ` + "`" + `(let ((a allow) (d deny)
         (both (lambda (args)
           (let ((own (filter sbpl-filter? args)) (others (filter (lambda (x) (not (sbpl-filter? x))) args)))
             (append others
               (list (if (null? own) ,(cadr form) (require-all (apply require-any own) ,(cadr form)))))))))
     (set! allow (lambda args (apply a (both args))))
     (set! deny (lambda args (apply d (both args))))
     ,@(cddr form)
     (set! allow a)
     (set! deny d)))
`

// action is allow or deny.
func (c *compiler) action(a Action) func(*scheme.Call) (scheme.Value, error) {
	return func(k *scheme.Call) (scheme.Value, error) {
		var opsNamed []*operation
		var tests []*test
		var mods []Modifier
		for i, arg := range k.Args {
			switch x := arg.(type) {
			case *operation:
				if i == 0 && x.noop {
					return scheme.Unspecified, nil
				}
				opsNamed = append(opsNamed, x)
			case *test:
				tests = append(tests, x)
			case *Modifier:
				mods = append(mods, *x)
			default:
				return nil, k.Errorf("illegal argument: %s", scheme.Show(arg))
			}
		}
		if len(opsNamed) == 0 {
			return nil, k.Errorf("at least one operation required")
		}
		mods, err := c.checkModifiers(k, a, mods)
		if err != nil {
			return nil, err
		}
		e := entry{action: a, modifiers: mods, pos: k.Pos, text: ruleText(a, k, opsNamed), implicit: c.implicit}
		switch len(tests) {
		case 0:
		case 1:
			e.test = tests[0]
		default:
			e.test = &test{any: tests}
		}
		return scheme.Unspecified, c.enter(k, opsNamed, e)
	}
}

func (c *compiler) enter(k *scheme.Call, opsNamed []*operation, e entry) error {
	for _, o := range opsNamed {
		if o.noop {
			continue
		}
		info := c.table.release.ByName[o.name]
		var wrong string
		e.test.each(func(t *test) {
			if !accepts(info, t.category) {
				wrong = fmt.Sprintf("%s filter does not apply to %s operation", t.category, o.name)
			}
		})
		if wrong != "" {
			return k.Errorf("%s", wrong)
		}
		c.table.add(o.name, e)
	}
	return nil
}

// accepts knows that before 10.14 entitlements and debug mode had categories of
// their own, which later merged into process and system.
func accepts(o *ops.Operation, category string) bool {
	if o.Accepts(category) {
		return true
	}
	return category == "process" && o.Accepts("entitlement") || category == "system" && o.Accepts("debug-mode")
}

// ruleText is the rule as written, on one line.
func ruleText(a Action, k *scheme.Call, named []*operation) string {
	if form, ok := k.Form.(*syntax.Pair); ok && form.Car != syntax.Datum(syntax.Empty{}) {
		return scheme.Show(form)
	}
	var b strings.Builder
	b.WriteString("(" + a.String())
	for _, o := range named {
		b.WriteString(" " + o.name)
	}
	return b.String() + " ...)"
}

// explain turns any failure into an *Error with a snippet and a guess.
func (c *compiler) explain(err error) error {
	out := &Error{Msg: err.Error()}
	var se *scheme.Error
	var re *syntax.Error
	switch {
	case errors.As(err, &se):
		out.Pos, out.Msg = se.Pos, se.Msg
		if se.Unbound != "" {
			if s := Suggest(se.Unbound, c.machine.Global.Names()); s != "" && c.version != 0 {
				out.Hint = "did you mean " + s + "?"
			} else if c.version == 0 {
				out.Hint = "nothing is known before (version 1)"
			}
		}
	case errors.As(err, &re):
		out.Pos, out.Msg = re.Pos, re.Msg
	default:
		out.Pos = Pos{File: c.options.Name, Line: 1, Col: 1}
	}
	out.Snippet = snippet(c.sources[out.Pos.File], out.Pos)
	return out
}

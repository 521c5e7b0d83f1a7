package sbpl

import (
	"maps"
	"slices"
	"sync"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

var core struct {
	once sync.Once
	base scheme.Base
}

// beforeVersion is what is known before (version N) runs.
func beforeVersion() scheme.Base {
	core.once.Do(func() {
		b := scheme.Core()
		b["version"] = &scheme.Builtin{Name: "version", Min: 1, Max: 1, Do: setVersion}
		p := &scheme.Builtin{Name: "param", Min: 1, Max: 1, Do: param}
		b["param"], b["getenv"] = p, p
		core.base = b
	})
	return core.base
}

// param is the value of a parameter, or #f.
func param(k *scheme.Call) (scheme.Value, error) {
	c := host(k)
	key, err := k.Str(0)
	if v, ok := c.options.Params[key]; ok && err == nil {
		return &syntax.Str{S: v}, nil
	}
	if err == nil && len(c.unset) < maxErrors && !slices.Contains(c.unset, key) {
		c.unset = append(c.unset, key)
	}
	return false, err
}

// since is the first release that has a name.
var since = map[syntax.Symbol]string{
	"filter": "10.12", "partition": "10.12", "sbpl-filter?": "10.12", "with-filter": "10.12", "with-modifier": "10.12",
	"split-string": "10.14", "path-ancestors": "10.14", "flatten": "10.15", "with-operations": "10.15",
	"sbpl-operation-can-return?": "10.11", "disable-syscall-inference": "14",
}

var libraries sync.Map // *ops.Table -> scheme.Base

// libraryOf is what (version N) makes known. It is made once for a table.
func libraryOf(t *ops.Table) scheme.Base {
	if b, ok := libraries.Load(t); ok {
		return b.(scheme.Base)
	}
	kept, _ := libraries.LoadOrStore(t, newLibrary(t))
	return kept.(scheme.Base)
}

func newLibrary(t *ops.Table) scheme.Base {
	b := maps.Clone(beforeVersion())
	for name, n := range t.Constants {
		b[syntax.Symbol(name)] = &constant{name, n}
	}
	for _, name := range []syntax.Symbol{"unix-socket", "unix"} {
		b[name] = &constant{"unix-socket", 0}
	}
	bindOperations(b, t)
	bindFilters(b, t)
	bindModifiers(b, t)
	for _, p := range procedures {
		b[syntax.Symbol(p.Name)] = p
	}
	b["debug"] = &scheme.Form{Do: func(*scheme.Machine, *syntax.Pair, *scheme.Env) (scheme.Value, error) {
		return scheme.Unspecified, nil
	}}
	b["with-filter"] = wrapper("with-filter", withFilter)
	b["with-modifier"] = wrapper("with-modifier", withModifierOf)
	b["with-operations"] = wrapper("with-operations", withOperations)
	if t.Old() {
		b["path-literal"] = &scheme.Builtin{Name: "path-literal", Min: 1, Max: 1, Do: oldPathLiteral}
	}
	for _, e := range t.Of("unbound") {
		for _, name := range e.Names {
			delete(b, syntax.Symbol(name))
		}
	}
	order := ops.Releases()
	for name, first := range since {
		if slices.Index(order, t.Release) < slices.Index(order, first) {
			delete(b, name)
		}
	}
	return b
}

func bindOperations(b scheme.Base, t *ops.Table) {
	for name := range t.ByName {
		b[syntax.Symbol(name)] = &operation{name: name}
	}
	for alias, name := range t.Aliases {
		b[syntax.Symbol(alias)] = &operation{name: name}
	}
	for name := range t.NoOps {
		b[syntax.Symbol(name)] = &operation{name, true}
	}
}

func bindFilters(b scheme.Base, t *ops.Table) {
	for _, f := range t.Filters {
		for _, m := range f.Members {
			b[syntax.Symbol(m.Name)] = filterProcedure(m.Name, f, m.How)
		}
	}
	for alias, name := range t.FilterAliases {
		if f, ok := b[syntax.Symbol(name)].(*scheme.Builtin); ok {
			named := *f // errors say the name that the profile used
			named.Name = alias
			b[syntax.Symbol(alias)] = &named
		}
	}
	for name, f := range processFacts {
		if _, ok := b[syntax.Symbol(name)]; !ok {
			b[syntax.Symbol(name)] = f.procedure(name, t)
		}
	}
}

// processFact is a procedure without arguments that gives a filter.
type processFact struct{ fact, category, value string }

var processFacts = map[string]processFact{
	"process-is-plugin":    {"process-attribute", "process", "is-plugin"},
	"process-is-installer": {"process-attribute", "process", "is-installer"},
	"debug-mode":           {"system-attribute", "system", "sandbox-debug-mode"},
	"tty":                  {"vnode-type", "vnode-type", "TTY"},
	"executable-bundle":    {"executable-bundle", "path", "#t"},
	"container":            {"container", "path", "#t"},
	"application-group":    {"application-group", "path", "#t"},
	"system-container":     {"system-container", "path", "#t"},
	"system-group":         {"system-group", "path", "#t"},
}

func (f processFact) procedure(name string, t *ops.Table) *scheme.Builtin {
	filter := t.Filters[f.fact]
	if filter == nil {
		filter = &ops.Filter{Name: f.fact, Category: f.category, Kind: "boolean", Values: map[string]int64{"is-plugin": 0, "is-installer": 1},
			Members: []ops.Member{{How: "literal", Name: name}}}
	}
	n := int64(1)
	if v, ok := filter.Values[f.value]; ok {
		n = v
	}
	return &scheme.Builtin{Name: name, Max: 0, Do: func(k *scheme.Call) (scheme.Value, error) {
		return host(k).filterValue(&test{fact: f.fact, category: f.category, filter: filter, how: number, numbers: []int64{n}}), nil
	}}
}

// names are a release's operations, for suggestions.
func names(t *ops.Table) []string { return slices.Sorted(maps.Keys(t.ByName)) }

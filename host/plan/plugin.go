package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// plugins makes one Plugin for each family, in the order of the profiles.
func (p *parser) plugins(t *table) {
	named := map[string]Plugin{}
	if t != nil {
		for _, family := range slices.Sorted(maps.Keys(t.vals)) {
			if sub := t.sub(family, fmt.Sprintf("[plugin.%s]", family)); sub != nil {
				named[family] = p.plugin(sub, family)
			}
		}
	}
	families := p.families()
	for _, f := range families {
		pl, ok := named[f]
		if !ok {
			pl = Plugin{Family: f}
		}
		p.plan.Plugins = append(p.plan.Plugins, pl)
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(families, name) {
			t.problem(name, maybe(name, families), "no profile is of the family of [plugin.%s]", name)
		}
	}
}

// families are those of the profiles, each once.
func (p *parser) families() []string {
	var out []string
	for _, pr := range p.plan.Profiles {
		if pr.Family != "" && !slices.Contains(out, pr.Family) {
			out = append(out, pr.Family)
		}
	}
	return out
}

func (p *parser) plugin(t *table, family string) Plugin {
	pl := Plugin{Family: family}
	if path := t.text("path", ""); path != "" {
		pl.Path = p.resolve(path)
	}
	pl.SHA256 = strings.TrimPrefix(t.text("sha256", ""), "sha256:")
	if pl.SHA256 != "" && !sha256Pattern.MatchString(pl.SHA256) {
		t.problem("sha256", "64 lower-case hex digits", "sha256%s is not a digest", t.in())
	}
	pl.Options = p.options(t)
	t.done()
	return pl
}

// options hands [plugin.NAME.options] on as JSON; its keys are the plugin's
// own, checked against the schema that it describes.
func (p *parser) options(t *table) json.RawMessage {
	sub := t.sub("options", "options of "+t.what)
	if sub == nil {
		return nil
	}
	if !p.exact(sub.path, sub.vals) {
		return nil
	}
	b, err := json.Marshal(sub.vals)
	if err != nil {
		t.problem("options", "", "options%s: %s", t.in(), err)
		return nil
	}
	return b
}

// maxExact is the largest integer that every JSON reader keeps exactly.
const maxExact = 1<<53 - 1

// exact refuses the numbers that JSON would change or can't write.
func (p *parser) exact(path string, v any) bool {
	bad := func(what string) bool {
		p.doc.problem(path, "write it as a string", "%s is %s", path, what)
		return false
	}
	switch v := v.(type) {
	case int64:
		if v > maxExact || v < -maxExact {
			return bad("beyond 2^53")
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return bad("no number")
		}
		if math.Abs(v) > maxExact {
			return bad("beyond 2^53")
		}
	case time.Time:
		return bad("a date")
	case map[string]any:
		return p.exactTable(path, v)
	default:
		return p.exactList(path, elements(v))
	}
	return true
}

func (p *parser) exactTable(path string, m map[string]any) bool {
	ok := true
	for _, k := range slices.Sorted(maps.Keys(m)) {
		ok = p.exact(join(path, k), m[k]) && ok
	}
	return ok
}

func (p *parser) exactList(path string, list []any) bool {
	ok := true
	for i, e := range list {
		ok = p.exact(at(path, i), e) && ok
	}
	return ok
}

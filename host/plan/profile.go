package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Bounds of a profile's settings.
const (
	maxRepeat  = 1000
	maxTimeout = time.Hour
	maxName    = 240 // of which files have theirs, with an ending; one has at most 255 bytes
)

func (p *parser) profiles(tables []*table) {
	seen := map[string]int{}
	for _, t := range tables {
		pr := p.profile(t)
		if first, dup := seen[pr.ID]; dup && pr.ID != "" {
			t.problem("id", "", "profile id %q is taken by line %d", pr.ID, first)
		}
		if pr.ID != "" {
			seen[pr.ID] = t.doc.find(join(t.path, "id")).line
		}
		p.plan.Profiles = append(p.plan.Profiles, pr)
	}
}

func (p *parser) profile(t *table) Profile {
	pr := Profile{ID: p.identifier(t, "id"), Line: p.doc.index[t.path].line}
	p.fits(t, "id", pr.ID)
	if pr.ID != "" {
		t.what = fmt.Sprintf("profile %q", pr.ID)
	}
	pr.Family = p.family(t)
	pr.Source = t.required("source")
	p.params(t, &pr)
	pr.Isolation = t.word("isolation", defaultIsolation, "profile", "probe")
	pr.Repeat = t.integer("repeat", defaultRepeat, 1, maxRepeat)
	pr.Timeout = t.duration("timeout", defaultTimeout, maxTimeout)
	p.sealing(t, &pr)
	p.policy(t, &pr)
	if t.has("sweep") {
		p.sweep(t, &pr)
	} else {
		p.probes(t, &pr)
	}
	t.done()
	return pr
}

// family reads the name of the plugin's family.
func (p *parser) family(t *table) string {
	s := t.required("family")
	switch {
	case s != "" && !familyPattern.MatchString(s):
		t.problem("family", "lower-case letters, digits and -, a letter first", "family %q%s is not a family name", s, t.in())
	default:
		p.fits(t, "family", s)
	}
	return s
}

// fits refuses what is too long to be part of a file's name.
func (p *parser) fits(t *table, key, s string) {
	if len(s) > maxName && !p.opts.Ran {
		t.problem(key, "", "%s%s has %d characters, more than %d", key, t.in(), len(s), maxName)
	}
}

// params reads the profile's parameters. One that has no value for this system
// is left out, so that the profile sees it as not given.
func (p *parser) params(t *table, pr *Profile) {
	sub := t.sub("params", "params of "+t.what)
	if sub == nil || len(sub.vals) == 0 {
		return
	}
	pr.Params, pr.params = map[string]string{}, map[string]byOS{}
	for _, name := range slices.Sorted(maps.Keys(sub.vals)) {
		if s, isText := sub.vals[name].(string); isText && s == "" {
			pr.Params[name] = "" // an empty value is a value
			continue
		}
		if values, ok := sub.eachOS(name); ok {
			pr.params[name] = values
			if v, here := values[p.opts.OS]; here {
				pr.Params[name] = v
			}
		}
	}
}

// sealing reads seal, acquire and wrap, which depend on each other.
func (p *parser) sealing(t *table, pr *Profile) {
	pr.Seal = t.word("seal", defaultSeal, "self", "exec", "wrap")
	pr.Acquire = t.word("acquire", defaultAcquire, "after", "before", "both")
	pr.Wrap = t.texts("wrap")
	switch {
	case pr.Acquire != "after" && pr.Seal != "self":
		t.problem("acquire", `use seal = "self"`,
			"acquire %q%s needs seal self: nothing can be acquired in a process before it exists", pr.Acquire, t.in())
	}
	switch {
	case pr.Seal != "wrap" && t.has("wrap"):
		t.problem("wrap", "", "wrap%s needs seal wrap", t.in())
	case pr.Seal == "wrap" && !t.has("wrap"):
		t.problem("seal", wrapExample, "seal wrap%s needs the wrapper's command, wrap", t.in())
	case pr.Seal == "wrap":
		wrapping(t, pr.Wrap)
	}
}

// wrapVariables stand in a wrapper's command for what is known only at launch.
var wrapVariables = []string{"{plugin}", "{socket_dir}"}

const wrapExample = `wrap = ["bwrap", "--ro-bind", "/", "/", "--bind", "{socket_dir}", "{socket_dir}", "{plugin}"]`

// wrapping checks a wrapper's command.
func wrapping(t *table, words []string) {
	all := strings.Join(words, " ")
	for _, name := range wrapVariables {
		if !strings.Contains(all, name) {
			t.problem("wrap", wrapExample, "the command of wrap%s has no %s", t.in(), name)
		}
	}
	for _, name := range variable.FindAllString(all, -1) {
		if !slices.Contains(wrapVariables, name) {
			t.problem("wrap", maybe(name, wrapVariables), "wrap%s has the unknown variable %s", t.in(), name)
		}
	}
}

var variable = regexp.MustCompile(`\{[a-z_]*\}`)

// policy reads, hashes and compiles the profile's text.
func (p *parser) policy(t *table, pr *Profile) {
	if pr.Source == "" {
		return
	}
	pr.File = p.resolve(pr.Source)
	text, err := p.read(pr.File)
	if err != nil {
		hint := ""
		if errors.Is(err, fs.ErrNotExist) {
			hint = p.doc.relativeHint()
		}
		t.problem("source", hint, "reading profile %q: %s", pr.Source, cause(err))
		return
	}
	pr.Text, pr.Digest = text, digest(text)
	if err := p.compile(pr); err != nil && pr.Gate == "" {
		t.problem("source", "", "compiling profile %q: %s", pr.Source, err)
	}
	p.sealable(t, pr)
}

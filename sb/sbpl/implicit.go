package sbpl

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/pattern"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
)

// addImplicit appends the rules that the library adds after every profile, so
// that their filtered rules are tried first for their operation. ops/versions.tsv
// lists them by version and release.
func (c *compiler) addImplicit() error {
	t := c.table.release
	if c.options.NoImplicitRules {
		return nil
	}
	// On Linux a profile is enforced by us: the parameter is then any other.
	_, set := c.options.Params["NO_IMPLICIT_RULES"]
	if set && !c.options.Linux && len(t.Of("skipped")) > 0 {
		return nil
	}
	for _, e := range t.Of("refuses") {
		for _, op := range e.Names {
			if c.table.can(op, Allow) {
				return &scheme.Error{Pos: c.origin, Msg: "a profile may not allow " + op}
			}
		}
	}
	for _, e := range t.Of("adds") {
		c.add(e)
	}
	if !c.options.Linux { // there the monitor enforces what this library says, and no other
		for _, e := range t.Of("doubt") {
			c.doubt(e)
		}
	}
	return nil
}

// add enters the rules of one row.
func (c *compiler) add(e ops.Entry) {
	switch e.What {
	case "looks-up": // only where the profile may look services up
		if !c.traced && !c.table.can("mach-lookup", Allow) {
			return
		}
		c.implicitRule(e, Allow, nil)
	case "webdav-sockets": // only where the profile lets every file be read
		if !c.table.can("file-read*", Deny) {
			c.implicitRule(e, Allow, c.pathRegex(`^/private/tmp/\.webdavUDS\.[^/]+$`))
		}
	case "launchd-sockets":
		sock := c.named("path", "path", "/private/var/tmp/launchd/sock")
		c.implicitRule(e, Deny, anyOf([]*test{sock, c.pathRegex(`^/private/tmp/launchd-[0-9]+\.[^/]+/sock$`)}))
	case "cache": // of the sandbox itself; the operations that read it are cache-safe
		for _, o := range c.table.release.Operations {
			if o.Accepts("path") && !o.Accepts("cache-safe") {
				e.Names = append(e.Names[:0:0], o.Name)
				c.implicitRule(e, Deny, c.pathRegex(`/com\.apple\.sandbox($|/)`))
			}
		}
	case "target-self":
		c.implicitRule(e, Allow, c.targetSelf())
	default:
		panic("BUG(sbpl): versions.tsv adds " + e.What)
	}
}

// doubt notes the rules of one row, of which it is not known whether the library adds
// them.
func (c *compiler) doubt(e ops.Entry) {
	verdict, filter, _ := strings.Cut(e.What, " ")
	a := map[string]Action{"allow": Allow, "deny": Deny}[verdict]
	var t *test
	switch filter {
	case "target-self":
		t = c.targetSelf()
	case "webkit-camera":
		t = c.named("global-name", "mach", "com.apple.webkit.camera")
	case "inferred":
		if c.listed {
			return
		}
	default:
		panic("BUG(sbpl): versions.tsv doubts " + e.What)
	}
	for _, op := range e.Names {
		c.table.list(op).doubt = c.systemRule(op, a, t, e)
	}
}

func (c *compiler) targetSelf() *test {
	f := c.table.release.Filters["target"]
	return &test{fact: "target", category: "target", filter: f, how: number, numbers: []int64{f.Values["self"]}}
}

func (c *compiler) implicitRule(e ops.Entry, a Action, t *test) {
	for _, op := range e.Names {
		c.table.add(op, c.systemRule(op, a, t, e))
	}
}

func (c *compiler) systemRule(op string, a Action, t *test, e ops.Entry) *rule {
	text := fmt.Sprintf("(%s %s)", a, op)
	if t != nil {
		text = fmt.Sprintf("(%s %s %s)", a, op, t)
	}
	return &rule{
		test: t, action: a, implicit: true, pos: c.origin, via: c.origin, text: text,
		evidence: e.Evidence, source: e.Source,
	}
}

// named is a filter for one value.
func (c *compiler) named(fact, category, value string) *test {
	return &test{fact: fact, category: category, filter: c.table.release.Filters[fact], values: []string{value}}
}

func (c *compiler) pathRegex(s string) *test {
	p := c.patterns[s]
	if p == nil {
		var err error
		if p, err = pattern.Compile(s); err != nil {
			panic("BUG(sbpl): " + err.Error())
		}
		c.patterns[s] = p
	}
	return &test{fact: "path", category: "path", filter: c.table.release.Filters["path"], how: matching, patterns: []*pattern.Pattern{p}}
}

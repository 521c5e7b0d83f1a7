package sbpl

import (
	"fmt"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/pattern"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
)

// addImplicit appends the rules that the system adds after every profile, so
// that their filtered rules are tried first for their operation.
func (c *compiler) addImplicit() error {
	if c.options.NoImplicitRules {
		return nil
	}
	if _, set := c.options.Params["NO_IMPLICIT_RULES"]; set && c.table.release.Release == "10.10" {
		return nil
	}
	switch c.table.release.Release {
	case "10.9", "10.10":
		c.implicitOld()
	case "10.11", "10.12":
		c.denyLaunchdSockets()
	case "10.13":
		c.implicitRule("mach-task-name", Allow, c.targetSelf())
	default:
		if c.table.can("storage-class-map", Allow) {
			return &scheme.Error{Pos: c.origin, Msg: "a profile may not allow storage-class-map"}
		}
		c.implicitRule("mach-task-name", Allow, c.targetSelf())
	}
	c.implicitRule("signal", Allow, c.targetSelf())
	return nil
}

func (c *compiler) targetSelf() *test {
	f := c.table.release.Filters["target"]
	return &test{fact: "target", category: "target", filter: f, how: number, numbers: []int64{f.Values["self"]}}
}

func (c *compiler) implicitRule(op string, a Action, t *test) {
	text := fmt.Sprintf("(%s %s)", a, op)
	if t != nil {
		text = fmt.Sprintf("(%s %s %s)", a, op, t)
	}
	c.table.add(op, &rule{test: t, action: a, implicit: true, pos: c.origin, via: c.origin, text: text})
}

// implicitOld is the policy of 10.9 and 10.10: whether a rule is added depends
// on what the profile can ever allow or deny.
func (c *compiler) implicitOld() {
	t := c.table
	if c.traced || t.can("mach-lookup", Allow) {
		c.implicitRule("mach-bootstrap", Allow, nil)
	}
	if !t.can("file-read*", Deny) {
		c.implicitRule("network-outbound", Allow, c.pathRegex(`^/private/tmp/\.webdavUDS\.[^/]+$`))
	}
	c.denyLaunchdSockets()
	if t.release.Release != "10.10" {
		return
	}
	for _, o := range t.release.Operations {
		if o.Accepts("path") && !cacheSafe(o) {
			c.implicitRule(o.Name, Deny, c.pathRegex(`/com\.apple\.sandbox($|/)`))
		}
	}
}

func (c *compiler) denyLaunchdSockets() {
	sock := &test{fact: "path", category: "path", filter: c.table.release.Filters["path"], values: []string{"/private/var/tmp/launchd/sock"}}
	c.implicitRule("network-outbound", Deny, anyOf([]*test{sock, c.pathRegex(`^/private/tmp/launchd-[0-9]+\.[^/]+/sock$`)}))
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

// cacheSafe is a pseudo category of the operations that may read the sandbox's
// own cache.
func cacheSafe(o *ops.Operation) bool { return o.Accepts("cache-safe") }

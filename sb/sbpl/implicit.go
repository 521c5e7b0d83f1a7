package sbpl

import (
	"regexp"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
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
	case "10.12":
		c.denyLaunchdSockets()
	default:
		c.implicitRule("mach-task-name", Allow, targetSelf(), "(allow mach-task-name (target self))")
	}
	c.implicitRule("signal", Allow, targetSelf(), "(allow signal (target self))")
	return nil
}

func targetSelf() *test {
	return &test{name: "target", category: "target", literals: map[string]bool{"self": true, "1": true}}
}

func (c *compiler) implicitRule(op string, a Action, t *test, text string) {
	c.table.add(op, entry{test: t, action: a, implicit: true, text: text, pos: Pos{File: "<implicit>"}})
}

// implicitOld is the policy of 10.9 and 10.10: whether a rule is added depends
// on what the profile can ever allow or deny.
func (c *compiler) implicitOld() {
	t := c.table
	if t.can("mach-lookup", Allow) {
		c.implicitRule("mach-bootstrap", Allow, nil, "(allow mach-bootstrap)")
	}
	if !t.can("file-read*", Deny) {
		c.implicitRule("network-outbound", Allow, pathRegex(`^/private/tmp/\.webdavUDS\.[^/]+$`), "(allow network-outbound (regex webdavUDS))")
	}
	c.denyLaunchdSockets()
	if t.release.Release != "10.10" {
		return
	}
	for _, o := range t.release.Operations {
		if o.Accepts("path") && !cacheSafe(o) {
			c.implicitRule(o.Name, Deny, pathRegex(`/com\.apple\.sandbox($|/)`), "(deny "+o.Name+" (regex com.apple.sandbox))")
		}
	}
}

func (c *compiler) denyLaunchdSockets() {
	sock := pathRegex(`^/private/tmp/launchd-[0-9]+\.[^/]+/sock$`)
	sock.literals = map[string]bool{"/private/var/tmp/launchd/sock": true}
	c.implicitRule("network-outbound", Deny, sock, "(deny network-outbound (launchd sockets))")
}

func pathRegex(p string) *test {
	return &test{name: "path", category: "path", regexes: []*regexp.Regexp{regexp.MustCompile("(?s)" + p)}}
}

// cacheSafe is a pseudo category of the operations that may read the sandbox's
// own cache.
func cacheSafe(o *ops.Operation) bool {
	switch o.Name {
	case "file-read*", "file-read-data", "file-read-metadata", "file-read-xattr":
		return true
	}
	return o.Accepts("cache-safe")
}

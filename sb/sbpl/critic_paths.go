package sbpl

import "strings"

// paths looks at the values of a rule's path filters.
func (c *critic) paths(r *rule) {
	spelled := map[string]bool{} // a rule that has both spellings means both
	r.test.each(func(t *test) {
		for _, v := range t.values {
			spelled[v] = true
		}
	})
	r.test.each(func(t *test) {
		if t.fact != "path" {
			return
		}
		for _, v := range t.values {
			link := t.how == literal && (v == "/tmp" || v == "/var" || v == "/etc") // the link itself has this path
			switch {
			case Physical(v) != v && !spelled[Physical(v)] && !link:
				c.warn(r.pos, "symlink-path", "%s is behind a symbolic link on macOS: the system asks for %s", v, Physical(v))
			case t.how == literal && len(v) > 1 && strings.HasSuffix(v, "/"):
				c.warn(r.pos, "never-matches", "no path ends in a slash: (literal %q) never matches", v)
			case strings.HasPrefix(v, "${"):
				c.warn(r.pos, "variable", "%s is taken as it stands: what the system puts in its place is not known", v)
			case !strings.HasPrefix(v, "/") && v != "":
				c.warn(r.pos, "never-matches", "every path begins with a slash: %q never matches", v)
			}
		}
		for _, p := range t.patterns {
			for _, link := range []string{"/tmp/", "/var/", "/etc/"} {
				if strings.HasPrefix(p.String(), "^"+link) {
					c.warn(r.pos, "symlink-path", "%s is a symbolic link on macOS: the system asks for /private%s", strings.TrimSuffix(link, "/"), link)
				}
			}
			if p.Doubt() != nil {
				c.warn(r.pos, "regex-doubt", `#"%s" has a backslash and a letter in brackets: whether that is a class or two letters is not known`, p)
			}
		}
	})
}

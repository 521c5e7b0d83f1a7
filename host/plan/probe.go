package plan

import (
	"fmt"
	"slices"
	"strings"
)

func (p *parser) probes(t *table, pr *Profile) {
	seen := map[string]int{}
	for _, pt := range t.subs("probes", "probe of "+t.what) {
		b := p.probe(pt, pr)
		if first, dup := seen[b.ID]; dup && b.ID != "" {
			pt.problem("id", "", "probe id %q%s is taken by line %d", b.ID, t.in(), first)
		}
		if b.ID != "" {
			seen[b.ID] = pt.doc.find(join(pt.path, "id")).line
		}
		pr.Probes = append(pr.Probes, b)
	}
	if v, ok := t.get("probes"); !ok || isEmptyList(v) {
		t.problem("probes", "", "no probes%s", t.in())
	}
}

func (p *parser) probe(t *table, pr *Profile) Probe {
	b := Probe{ID: p.identifier(t, "id"), Line: p.doc.index[t.path].line}
	p.fits(t, "id", b.ID)
	if b.ID != "" {
		t.what = fmt.Sprintf("probe %q of %s", b.ID, strings.TrimPrefix(t.what, "probe of "))
	}
	b.Operation = p.operation(t)
	b.Filter = p.filter(t, b.Operation)
	values := p.target(t, &b)
	p.expectation(t, pr, &b, values)
	p.platforms(t, &b)
	p.determined(t, pr, &b)
	t.done()
	return b
}

// operation reads op, which must be in the release's table.
func (p *parser) operation(t *table) string {
	op := t.required("op")
	if op == "" || slices.Contains(p.ops, op) {
		return op
	}
	t.problem("op", maybe(op, p.ops), "unknown operation %q%s", op, t.in())
	return ""
}

// filter reads the fact that the target is a value of. Most operations have a
// usual one.
func (p *parser) filter(t *table, op string) string {
	name := t.text("filter", "")
	if op == "" {
		return name
	}
	known := filters(p.opts.Release, op)
	switch {
	case name == "":
		return p.defaultFilter(t, op, known)
	case !slices.Contains(known, name):
		t.problem("filter", p.hintFilter(name, op, known), "unknown filter %q for %s%s", name, op, t.in())
	}
	return name
}

func (p *parser) hintFilter(name, op string, known []string) string {
	if h := maybe(name, known); h != "" || len(known) == 0 {
		return h
	}
	return useFilter(p.opts.Release, op, known)
}

func (p *parser) defaultFilter(t *table, op string, known []string) string {
	if usual := usualFilter(op); slices.Contains(known, usual) {
		return usual
	}
	switch len(known) {
	case 0:
		return ""
	case 1:
		return known[0]
	}
	t.problem("op", useFilter(p.opts.Release, op, known), "%s%s needs a filter, because it has several", op, t.in())
	return ""
}

// usualFilter is what a probe of an operation is about unless it says otherwise.
func usualFilter(op string) string {
	switch {
	case strings.HasPrefix(op, "sysctl"):
		return "sysctl-name"
	case strings.HasPrefix(op, "process-info"), op == "signal":
		return "target"
	case op == "mach-lookup", op == "mach-register":
		return "global-name"
	case strings.HasSuffix(op, "-notification-post"):
		return "notification-name"
	case op == "system-socket":
		return "socket-domain"
	case strings.HasPrefix(op, "file-"):
		return "path"
	case strings.HasPrefix(op, "ipc-posix-"):
		return "ipc-posix-name"
	}
	return ""
}

// expectation reads expect and expect_before.
func (p *parser) expectation(t *table, pr *Profile, b *Probe, values byOS) {
	if t.required("expect") != "" {
		b.Expect = t.word("expect", "", "allow", "deny", "absent", "any")
	}
	if b.Absent = t.boolean("absent"); b.Absent && b.Expect != "deny" {
		t.problem("absent", `it marks a denied target that does not exist; expect = "absent" is for one that is allowed`,
			"absent%s needs expect deny", t.in())
	}
	b.ExpectBefore = t.word("expect_before", defaultExpectBefore, "held", "refused", "lost", "any")
	if t.has("expect_before") && pr.Acquire == "after" {
		t.problem("expect_before", "", "expect_before%s needs a profile that acquires before sealing", t.in())
	}
	if t.has("expect_before") && b.Expect == "absent" {
		t.problem("expect_before", "",
			"expect_before%s contradicts expect absent: what does not exist cannot be held", t.in())
	}
	if b.Expect == "deny" && b.Operation == "signal" && values.any("self") {
		t.problem("expect", "signal a child instead",
			"expect deny%s is for a signal to itself, which the system always allows", t.in())
	}
}

// platforms narrows a probe to some systems.
func (p *parser) platforms(t *table, b *Probe) {
	b.Platforms = t.texts("platforms")
	for _, name := range b.Platforms {
		if !slices.Contains(systems, name) {
			t.problem("platforms", "use "+quoted(systems), "unknown system %q%s", name, t.in())
		}
	}
	if t.has("platforms") && !slices.Contains(b.Platforms, p.opts.OS) {
		b.Skip = true
	}
}

package plan

import (
	"strings"
	"unicode/utf8"
)

// Draft is a plan that a command makes of its flags and arguments.
type Draft struct {
	// Plan has what a plan file would say, where a zero value is the default of its
	// key. Repeat has no zero value, and paths are absolute.
	Plan Plan

	// Blame names the flag or argument that a value is from, by the path of its key:
	// "profile[0].repeat". A key that is missing is blamed on what is around it. A
	// problem with any other key blames none.
	Blame map[string]string
}

// New makes the same of a draft as Parse of a plan file that says it: the plan is
// complete, and its Source is what [Print] returns for it. It is of no file, so that
// Path is "".
func New(d Draft, opts Options) (*Plan, error) {
	d.Plan.Path = ""
	text := Print(&d.Plan)
	doc := &document{blame: d.Blame, drafted: true}
	if !utf8.Valid(text) {
		return nil, doc.notUTF8(string(text))
	}
	read := readFile
	if opts.ReadFile != nil {
		read = opts.ReadFile
	}
	p, err := parse(doc, "", text, read, opts)
	if err != nil {
		return nil, err
	}
	p.print()
	return p, nil
}

// print makes Print's text the source of the plan.
func (p *Plan) print() {
	p.Source = Print(p)
	p.Digest = digest(p.Source)
	index := makeIndex(string(p.Source))
	for i := range p.Profiles {
		pr := &p.Profiles[i]
		pr.Line = index[at("profile", i)].line
		for j := range pr.Probes {
			pr.Probes[j].Line = index[at(join(at("profile", i), "probes"), j)].line
		}
	}
}

// notUTF8 blames the values that are not UTF-8. TOML and JSON have none, and a target
// that was changed would be another one. Print writes one key a line.
func (d *document) notUTF8(text string) error {
	d.index = makeIndex(text)
	keys := map[int]string{}
	for path, pos := range d.index {
		if len(path) > len(keys[pos.line]) { // a header has its tables' keys too
			keys[pos.line] = path
		}
	}
	line := 0
	for s := range strings.Lines(text) {
		if line++; !utf8.ValidString(s) {
			d.problem(keys[line], "plans and bundles are", "the value is not UTF-8")
		}
	}
	return d.errs.orNil()
}

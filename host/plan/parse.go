package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

var (
	idPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	familyPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// parser turns a document into a Plan.
type parser struct {
	doc  *document
	abs  string // the plan's path
	read func(string) ([]byte, error)
	opts Options
	ops  []string // the names in the release's table
	plan *Plan
}

func parse(doc *document, abs string, src []byte, read func(string) ([]byte, error), opts Options) (*Plan, error) {
	if opts.OS == "" {
		opts.OS = hostOS()
	}
	if !slices.Contains(systems, opts.OS) {
		return nil, fmt.Errorf("reading plan %q: unknown system %q", doc.file, opts.OS)
	}
	vals, err := doc.decode(src)
	if err != nil {
		return nil, err
	}
	p := parser{doc: doc, abs: abs, read: read, opts: opts, ops: operations(opts.Release), plan: &Plan{
		Path: abs, Source: src, Digest: digest(src), OS: opts.OS, Release: cmp.Or(opts.Release, ops.Newest),
	}}
	p.document(vals)
	if err := doc.errs.orNil(); err != nil {
		return nil, err
	}
	if err := p.plan.narrow(doc.where(""), opts); err != nil {
		return nil, err
	}
	if err := p.plan.affordable(doc.where("")); err != nil {
		return nil, err
	}
	return p.plan, nil
}

// decode reads the TOML. A document that is no TOML has one problem.
func (d *document) decode(src []byte) (map[string]any, error) {
	if len(src) > maxFile {
		d.problem("", "", "the plan has more than %d bytes", maxFile)
		return nil, d.errs
	}
	vals := map[string]any{}
	if _, err := toml.Decode(string(src), &vals); err != nil {
		d.syntax(err)
		return nil, d.errs
	}
	d.index = makeIndex(string(src))
	return vals, nil
}

func (d *document) syntax(err error) {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		d.problem("", "", "%s", strings.TrimPrefix(err.Error(), "toml: "))
		return
	}
	what := pe.Message
	if what == "" {
		what = strings.TrimPrefix(pe.Error(), "toml: ")
	}
	d.index = index{"": {pe.Position.Line, max(pe.Position.Col, 1)}}
	d.problem("", "", "invalid TOML: %s", what)
}

// document reads the top level.
func (p *parser) document(vals map[string]any) {
	t := &table{doc: p.doc, what: "the plan", vals: vals}
	p.schema(t)
	p.plan.ID = p.identifier(t, "id")
	if t.has("world") {
		p.plan.World = p.identifier(t, "world")
	}
	p.run(t.sub("run", "[run]"))
	p.profiles(t.subs("profile", "profile"))
	p.plugins(t.sub("plugin", "[plugin]"))
	if v, ok := t.get("profile"); !ok || isEmptyList(v) {
		t.problem("profile", "", "the plan has no [[profile]]")
	}
	t.done()
}

// schema must be 1: a later one may mean something else by the same keys.
func (p *parser) schema(t *table) {
	v, ok := t.get("schema")
	n, isInt := v.(int64)
	switch {
	case !ok:
		t.problem("schema", "write schema = 1 at the top", "the plan has no schema")
	case !isInt:
		t.typed("schema", "an integer", v)
	case n != 1:
		t.problem("schema", "this version reads schema 1", "unknown schema %d", n)
	}
	p.plan.Schema = 1
}

// run reads [run]; every key has a default.
func (p *parser) run(t *table) {
	r := &p.plan.Run
	*r = Run{Out: p.resolve(defaultOut), Channel: defaultChannel, Bus: defaultBus}
	if t == nil {
		return
	}
	r.Out = p.resolve(t.text("out", defaultOut))
	r.Channel = t.word("channel", defaultChannel, "clean", "direct")
	r.Bus = t.word("bus", defaultBus, "private", "user")
	if dir := t.text("plugin_dir", ""); dir != "" {
		r.PluginDir = p.resolve(dir)
	}
	if manifest := t.text("world_manifest", ""); manifest != "" {
		p.manifest(t, manifest)
	}
	t.done()
}

// manifest reads the file that the world's pin was made from.
func (p *parser) manifest(t *table, path string) {
	text, err := p.read(p.resolve(path))
	if err != nil {
		t.problem("world_manifest", p.doc.relativeHint(), "reading the world's manifest %q: %s", path, cause(err))
		return
	}
	p.plan.WorldManifest = &Manifest{Path: p.resolve(path), Digest: digest(text)}
}

// identifier reads a required id. Ids become file names, XML and shell words.
func (p *parser) identifier(t *table, key string) string {
	s := t.required(key)
	if s != "" && !idPattern.MatchString(s) {
		t.problem(key, "letters and digits first, then also . _ -", "%s %q%s is not an identifier", key, s, t.in())
		return ""
	}
	return s
}

// resolve makes a path of the plan relative to the plan's directory. There is
// no expansion of ~ or $HOME: a plan means the same for everybody.
func (p *parser) resolve(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(filepath.Dir(p.abs), path)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

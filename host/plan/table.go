package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// document is a decoded plan while it is being read: it knows the position of every
// key and gathers every problem.
type document struct {
	file    string // as the caller named it
	drafted bool   // there is no file, and blame has the names of flags by key
	blame   map[string]string
	index   index
	errs    ErrorList
}

// find returns the position of a key, else of the innermost table around it that has
// one.
func (d *document) find(path string) position {
	for {
		if pos, ok := d.index[path]; ok || path == "" {
			return pos
		}
		path = parent(path)
	}
}

// relativeHint is the hint for a file that does not exist.
func (d *document) relativeHint() string {
	if d.drafted {
		return ""
	}
	return "paths are relative to the plan"
}

// parent cuts the last key or array index off a path.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// where names the place of a key for a person.
func (d *document) where(path string) string {
	for ; d.drafted; path = parent(path) {
		if flag, ok := d.blame[path]; ok || path == "" {
			return flag
		}
	}
	pos := d.find(path)
	if pos.line == 0 {
		return d.file
	}
	return fmt.Sprintf("%s:%d:%d", d.file, pos.line, pos.col)
}

func (d *document) problem(path, hint, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.errs = append(d.errs, Problem{Where: d.where(path), Text: text, Hint: hint, at: d.find(path)})
}

// table is one table of the document. A key that nobody has asked for by the
// time of done is unknown.
type table struct {
	doc   *document
	path  string
	what  string // "[run]", "profile", "probe": for messages
	vals  map[string]any
	known []string
}

func (t *table) problem(key, hint, format string, args ...any) {
	t.doc.problem(join(t.path, key), hint, format, args...)
}

// in is the end of a message about something in the table. The author of a draft knows
// of no tables.
func (t *table) in() string {
	if t.doc.drafted {
		return ""
	}
	return " in " + t.what
}

// lead is the beginning of a message that is a sentence about a value.
func (t *table) lead() string {
	if t.doc.drafted {
		return ""
	}
	return t.what + ": "
}

// get returns the value of a key, which is thereby known.
func (t *table) get(key string) (any, bool) {
	if !slices.Contains(t.known, key) {
		t.known = append(t.known, key)
	}
	v, ok := t.vals[key]
	return v, ok
}

func (t *table) has(key string) bool {
	_, ok := t.get(key)
	return ok
}

// done refuses every unknown key.
func (t *table) done() {
	for _, key := range slices.Sorted(maps.Keys(t.vals)) {
		if !slices.Contains(t.known, key) {
			t.problem(key, maybe(key, t.known), "unknown key %q%s", key, t.in())
		}
	}
}

// typed reports a value of the wrong type.
func (t *table) typed(key, want string, got any) {
	t.problem(key, "", "%s%s must be %s, not %s", key, t.in(), want, kind(got))
}

func kind(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date"
	case map[string]any:
		return "a table"
	}
	return "an array"
}

// text reads a string; def when the key is missing or no string.
func (t *table) text(key, def string) string {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	s, ok := v.(string)
	if !ok {
		t.typed(key, "a string", v)
		return def
	}
	return s
}

// required reads a string that must be there and not be empty.
func (t *table) required(key string) string {
	s := t.text(key, "")
	v, ok := t.get(key)
	_, isText := v.(string)
	switch {
	case !ok:
		t.problem(key, "", "no %s%s", key, t.in())
	case isText && s == "":
		t.problem(key, "", "%s%s is empty", key, t.in())
	}
	return s
}

// word reads a string out of a closed list.
func (t *table) word(key, def string, among ...string) string {
	s := t.text(key, def)
	if s == def || slices.Contains(among, s) {
		return s
	}
	t.problem(key, "use "+quoted(among), "unknown %s %q%s", key, s, t.in())
	return def
}

// boolean reads true or false; false when the key is missing.
func (t *table) boolean(key string) bool {
	v, ok := t.get(key)
	if !ok {
		return false
	}
	b, isBool := v.(bool)
	if !isBool {
		t.typed(key, "true or false", v)
	}
	return b
}

// integer reads an integer between lo and hi.
func (t *table) integer(key string, def, lo, hi int) int {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	n, isInt := v.(int64)
	switch {
	case !isInt:
		t.typed(key, "an integer", v)
	case n < int64(lo) || n > int64(hi):
		t.problem(key, fmt.Sprintf("use %d to %d", lo, hi), "%s %d%s is out of range", key, n, t.in())
	default:
		return int(n)
	}
	return def
}

// duration reads a duration written as a string, above zero and up to hi.
func (t *table) duration(key string, def, hi time.Duration) time.Duration {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	s, isText := v.(string)
	if !isText {
		t.problem(key, `write it as "10s" or "500ms"`, "%s%s must be a string, not %s", key, t.in(), kind(v))
		return def
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		t.problem(key, `write it as "10s" or "500ms"`, "%s %q%s is not a duration", key, s, t.in())
	case d <= 0:
		t.problem(key, "use a time above zero", "%s %q%s is out of range", key, s, t.in())
	case d > hi:
		t.problem(key, fmt.Sprintf("use at most %s", hi), "%s %q%s is out of range", key, s, t.in())
	default:
		return d
	}
	return def
}

// texts reads an array of strings.
func (t *table) texts(key string) []string {
	v, ok := t.get(key)
	if !ok {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		t.typed(key, "an array of strings", v)
		return nil
	}
	var out []string
	for _, e := range list {
		s, isText := e.(string)
		if !isText {
			t.typed(key, "an array of strings", e)
			return nil
		}
		out = append(out, s)
	}
	return out
}

// sub reads a table inside this one, nil when there is none.
func (t *table) sub(key, what string) *table {
	v, ok := t.get(key)
	if !ok {
		return nil
	}
	m, isTable := v.(map[string]any)
	if !isTable {
		t.typed(key, "a table", v)
		return nil
	}
	return &table{doc: t.doc, path: join(t.path, key), what: what, vals: m}
}

// subs reads an array of tables, however it is written.
func (t *table) subs(key, what string) []*table {
	v, ok := t.get(key)
	if !ok {
		return nil
	}
	var out []*table
	for i, e := range elements(v) {
		m, isTable := e.(map[string]any)
		if !isTable {
			t.typed(key, "an array of tables", e)
			return nil
		}
		out = append(out, &table{doc: t.doc, path: at(join(t.path, key), i), what: what, vals: m})
	}
	if out == nil && !isEmptyList(v) {
		t.typed(key, "an array of tables", v)
	}
	return out
}

func elements(v any) []any {
	switch l := v.(type) {
	case []any:
		return l
	case []map[string]any:
		out := make([]any, len(l))
		for i := range l {
			out[i] = l[i]
		}
		return out
	}
	return nil
}

func isEmptyList(v any) bool {
	switch l := v.(type) {
	case []any:
		return len(l) == 0
	case []map[string]any:
		return len(l) == 0
	}
	return false
}

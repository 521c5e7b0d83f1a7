package plan

import "slices"

// The operating systems a plan may speak of.
const (
	MacOS = "macos"
	Linux = "linux"
)

var systems = []string{MacOS, Linux}

// byOS is a value that may differ by operating system.
type byOS map[string]string

// eachOS reads a string, or a table with a string for each OS. ok is false
// when there is nothing usable.
func (t *table) eachOS(key string) (byOS, bool) {
	v, present := t.get(key)
	if !present {
		return nil, false
	}
	switch v := v.(type) {
	case string:
		if v == "" {
			t.problem(key, "", "%s%s is empty", key, t.in())
			return nil, false
		}
		return byOS{MacOS: v, Linux: v}, true
	case map[string]any:
		return t.systemTable(key, v)
	}
	t.typed(key, "a string or a table by system", v)
	return nil, false
}

func (t *table) systemTable(key string, m map[string]any) (byOS, bool) {
	sub := &table{doc: t.doc, path: join(t.path, key), what: key + " of " + t.what, vals: m}
	out := byOS{}
	for _, os := range systems {
		if sub.has(os) {
			if s := sub.required(os); s != "" {
				out[os] = s
			}
		}
	}
	sub.done()
	if len(m) == 0 {
		t.problem(key, "name macos or linux", "%s%s is an empty table", key, t.in())
	}
	return out, len(out) > 0
}

// distinct returns the values, each once, macOS first.
func (b byOS) distinct() []string {
	var out []string
	for _, os := range systems {
		if v, ok := b[os]; ok && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// any reports that some system has the value.
func (b byOS) any(v string) bool { return slices.Contains(b.distinct(), v) }

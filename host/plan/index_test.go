package plan

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// paths lists the path of every key of a decoded document.
func paths(prefix string, v any, add func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			add(join(prefix, k))
			paths(join(prefix, k), e, add)
		}
	case []map[string]any:
		for i, e := range v {
			paths(at(prefix, i), e, add)
		}
	case []any:
		for i, e := range v {
			paths(at(prefix, i), e, add)
		}
	}
}

// FuzzIndex: every key that the TOML library finds has a line.
func FuzzIndex(f *testing.F) {
	f.Add(profileWith("", good))
	f.Add("a.b = 1\n[x.y]\nz = [ { k = 1 }, { k = '''\n]''' } ] # [c]\n[[t]]\n[[t]]\nq = \"\"\"\"a\"\"\"\"\n[t.u]\nv = 1")
	f.Fuzz(func(t *testing.T, src string) {
		vals := map[string]any{}
		if _, err := toml.Decode(src, &vals); err != nil {
			t.Skip()
		}
		lines, last := makeIndex(src), strings.Count(src, "\n")+1
		paths("", vals, func(path string) {
			// A quoted key's path is the text as written, and its dots are no separators.
			if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]") != "" || strings.ContainsAny(src, `\`) {
				return
			}
			if n := lines[path]; n < 1 || n > last {
				t.Errorf("%q stands on line %d of %d\n%s", path, n, last, src)
			}
		})
	})
}

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

// FuzzIndex: every key that the TOML library finds has a position.
func FuzzIndex(f *testing.F) {
	f.Add(profileWith("", good))
	f.Add("a.b = 1\n[x.y]\nz = [ { k = 1 }, { k = '''\n]''' } ] # [c]\n[[t]]\n[[t]]\nq = \"\"\"\"a\"\"\"\"\n[t.u]\nv = 1")
	f.Fuzz(func(t *testing.T, src string) {
		vals := map[string]any{}
		if _, err := toml.Decode(src, &vals); err != nil {
			t.Skip()
		}
		lines := strings.Split(src, "\n")
		index := makeIndex(src)
		paths("", vals, func(path string) {
			// A quoted key's path is the text as written, and its dots are no separators.
			if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]") != "" || strings.ContainsAny(src, `\`) {
				return
			}
			pos := index[path]
			if pos.line < 1 || pos.line > len(lines) || pos.col < 1 || pos.col > len(lines[pos.line-1]) {
				t.Errorf("%q is at %v of %d lines\n%s", path, pos, len(lines), src)
			}
		})
	})
}

package plan

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// compile compiles a profile's text. Its imports are looked for beside it.
func compile(name string, text []byte, dir string, params map[string]string, release string) (*sbpl.Policy, error) {
	return sbpl.Compile(text, sbpl.Options{
		Name: name, Params: params, ImportRoots: []string{dir}, Release: release,
	})
}

// imports are the digests of a policy's import closure.
func imports(pol *sbpl.Policy) []Import {
	var out []Import
	for _, im := range pol.Imports() {
		out = append(out, Import{Path: im.Path, Digest: im.Digest})
	}
	return out
}

// operations are the names in a release's table.
func operations(release string) []string {
	var out []string
	for _, op := range sbpl.Operations(release) {
		out = append(out, op.Name)
	}
	return out
}

// filters are the names of what an operation may be about, sorted.
func filters(release, op string) []string {
	return slices.Sorted(slices.Values(sbpl.FiltersOf(release, op)))
}

func suggest(name string, among []string) string { return sbpl.Suggest(name, among) }

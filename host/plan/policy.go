package plan

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// compile compiles a profile's text. Its imports are looked for beside it, and
// read as the plan's other files are. The bundle gets the bytes that were read here.
func (p *parser) compile(pr *Profile) error {
	texts := map[string][]byte{}
	pol, err := sbpl.Compile(pr.Text, sbpl.Options{
		Name: pr.Source, Params: pr.Params, Release: p.opts.Release, Linux: p.opts.OS == Linux,
		ImportRoots: append([]string{filepath.Dir(pr.File)}, systemProfiles[p.opts.OS]...),
		ReadFile: func(path string) ([]byte, error) {
			text, err := p.read(path)
			texts[path] = text
			return text, err
		},
	})
	if err != nil {
		return err
	}
	pr.Policy = pol
	for _, im := range pol.Imports() {
		pr.Imports = append(pr.Imports, Import{
			Path: im.Path, Digest: "sha256:" + strings.TrimPrefix(im.SHA256, "sha256:"), Text: texts[im.Path],
		})
	}
	return nil
}

// systemProfiles is where a system's own profiles are. fact:compile.import-dirs
var systemProfiles = map[string][]string{
	MacOS: {"/System/Library/Sandbox/Profiles", "/usr/share/sandbox"},
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

package plan

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// compile compiles a profile's text. Its imports are looked for beside it, and
// read as the plan's other files are. The bundle gets the bytes that were read here.
//
// On macOS it also notes what keeps the system from applying the profile. The
// evaluator does not know those forms, so that the error that it then has is the
// gate's. fact:apply.gate
func (p *parser) compile(pr *Profile) error {
	texts := map[string][]byte{}
	defer func() { pr.Gate = p.gate(pr.Text, texts) }()
	opts := CompileOptions(p.opts.OS, p.plan.Release, pr)
	opts.ReadFile = func(path string) ([]byte, error) {
		text, err := p.read(path)
		texts[path] = text
		return text, err
	}
	opts.Took = &pr.took
	pol, err := sbpl.Compile(pr.Text, opts)
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

// CompileOptions are those with which a plan's profile is compiled, but for how
// files are read. They follow from what plan.resolved.json holds, so that it can be
// done again later from the bundle.
func CompileOptions(system, release string, pr *Profile) sbpl.Options {
	return sbpl.Options{
		Name: pr.Source, Params: pr.Params, Release: release, Linux: system == Linux,
		ImportRoots: append([]string{filepath.Dir(pr.File)}, systemProfiles[system]...),
	}
}

// gate looks through a profile and what was read of its imports.
func (p *parser) gate(text []byte, imports map[string][]byte) string {
	if p.opts.OS != MacOS {
		return ""
	}
	if why := seatbelt.Gate(string(text)); why != "" {
		return why
	}
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		if why := seatbelt.Gate(string(imports[path])); why != "" {
			return path + ": " + why
		}
	}
	return ""
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

// maxHinted is how many filters a hint names.
const maxHinted = 6

// useFilter is the hint to use a filter of an operation. Every operation accepts a
// dozen that are about the process or the system, and network operations also those of
// files: those that the fewest operations accept are named.
func useFilter(release, op string, known []string) string {
	accepted := map[string]int{}
	for _, o := range sbpl.Operations(release) {
		for _, f := range sbpl.FiltersOf(release, o.Name) {
			accepted[f]++
		}
	}
	names := slices.SortedFunc(slices.Values(known), func(a, b string) int {
		return cmp.Or(cmp.Compare(accepted[a], accepted[b]), strings.Compare(a, b))
	})
	if len(names) <= maxHinted {
		return "use " + quoted(names)
	}
	return fmt.Sprintf("use %s, or one of %d more general ones", quoted(names[:maxHinted]), len(names)-maxHinted)
}

func suggest(name string, among []string) string { return sbpl.Suggest(name, among) }

package plan

import (
	"encoding/json"
	"fmt"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// Most is what all profiles of a run may take together to be compiled. A bundle is
// verified by compiling them anew, and whoever does that must have bounds: what was
// run is held to the same ones.
var Most = sbpl.Effort{Steps: 100_000_000, Memory: 512 << 20}

// Exceeds reports that the effort is more than may be spent.
func Exceeds(e sbpl.Effort) bool { return e.Steps >= Most.Steps || e.Memory >= Most.Memory }

// Compiled is what a profile's policy follows from, in one string: profiles that have
// it in common need to be compiled only once.
func (pr *Profile) Compiled() string {
	b, err := json.Marshal([]any{pr.Source, pr.File, pr.Digest, pr.Params, pr.Imports})
	if err != nil {
		panic("BUG(plan): encoding a profile's texts: " + err.Error())
	}
	return string(b)
}

// affordable refuses a plan whose bundle nobody could verify.
func (p *Plan) affordable(file string) error {
	seen, all := map[string]bool{}, sbpl.Effort{}
	for i := range p.Profiles {
		pr := &p.Profiles[i]
		if text := pr.Compiled(); !seen[text] {
			seen[text] = true
			all.Steps, all.Memory = all.Steps+pr.took.Steps, all.Memory+pr.took.Memory
		}
	}
	if !Exceeds(all) {
		return nil
	}
	return ErrorList{{
		Where: file,
		Text: fmt.Sprintf("the profiles take too much to be compiled together: %d steps and %d MiB",
			all.Steps, all.Memory>>20),
		Hint: "run some of them at a time, with --profile",
	}}
}

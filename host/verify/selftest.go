package verify

import (
	"maps"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/text"
)

// noun is what a person calls a directory of a kind.
func noun(k bundle.Kind) string {
	return map[bundle.Kind]string{bundle.KindRun: "bundle", bundle.KindSelfTest: "self test"}[k]
}

// isSelfTest says whether the index is a self test's: a run has a manifest.
func isSelfTest(b *opened) bool {
	_, self := b.listed[bundle.SelfTestJSON]
	_, run := b.listed[bundle.RunManifest]
	return self && !run
}

// selfTest checks a self test. It makes no decisions, so there is nothing to
// promote.
func selfTest(b *opened) (found findings) {
	b.manifest.RunID, b.manifest.WorldID = b.index.RunID, b.index.WorldID
	found.join(files(b, bundle.Required(bundle.KindSelfTest)))
	var doc struct {
		Counts  map[string]int `json:"counts"`
		Results []struct {
			Fact    string `json:"fact"`
			Outcome string `json:"outcome"`
		} `json:"results"`
	}
	found.join(b.document(bundle.SelfTestJSON, &doc))
	found.join(b.document(bundle.World, nil))
	found.join(b.document(bundle.RunStatusJSON, &b.status))
	if b.status.State != bundle.Complete && b.status.State != bundle.Interrupted {
		found.add("status", "unfinished", bundle.RunStatusJSON, "state is %q in a finished self test", b.status.State)
	}
	facts, counts := map[string]bool{}, map[string]int{}
	for _, r := range doc.Results {
		if facts[r.Fact] {
			found.add("accounting", "fact_twice", bundle.SelfTestJSON, "%s has two results", text.Brief(r.Fact))
		}
		facts[r.Fact] = true
		counts[r.Outcome]++
	}
	for _, outcome := range miscounted(doc.Counts, counts) {
		found.add("accounting", "fact_counts", bundle.SelfTestJSON,
			"counts say %d %s, the results have %d", doc.Counts[outcome], text.Brief(outcome), counts[outcome])
	}
	return found
}

// miscounted are the names of which two counts differ. What is not counted is 0.
func miscounted[K ~string](said, got map[K]int) []K {
	all := maps.Clone(said)
	if all == nil {
		all = map[K]int{}
	}
	maps.Copy(all, got)
	maps.DeleteFunc(all, func(k K, _ int) bool { return said[k] == got[k] })
	return slices.Sorted(maps.Keys(all))
}

package verify

import (
	"maps"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
)

// noun is what a person calls a directory of a kind.
func noun(k bundle.Kind) string {
	return map[bundle.Kind]string{bundle.KindRun: "bundle", bundle.KindSelfTest: "self test"}[k]
}

// isSelfTest says whether the index is a self test's: a run has a manifest.
func (c *checker) isSelfTest() bool {
	_, self := c.listed[bundle.SelfTestJSON]
	_, run := c.listed[bundle.RunManifest]
	return self && !run
}

// selfTest checks a self test. It makes no decisions, so there is nothing to
// promote.
func (c *checker) selfTest() {
	c.report.Kind, c.report.Conditions = bundle.KindSelfTest, []Condition{}
	c.manifest.RunID, c.manifest.WorldID = c.report.RunID, c.report.WorldID
	c.files(bundle.Required(bundle.KindSelfTest))
	var doc struct {
		Counts  map[string]int `json:"counts"`
		Results []struct {
			Fact    string `json:"fact"`
			Outcome string `json:"outcome"`
		} `json:"results"`
	}
	c.document(bundle.SelfTestJSON, &doc)
	c.document(bundle.World, nil)
	c.document(bundle.RunStatusJSON, &c.status)
	if c.status.State != bundle.Complete && c.status.State != bundle.Interrupted {
		c.find("status", bundle.RunStatusJSON, "state is %q in a finished self test", c.status.State)
	}
	facts, counts := map[string]bool{}, map[string]int{}
	for _, r := range doc.Results {
		if facts[r.Fact] {
			c.find("accounting", bundle.SelfTestJSON, "%s has two results", clip(r.Fact))
		}
		facts[r.Fact] = true
		counts[r.Outcome]++
	}
	for _, outcome := range miscounted(doc.Counts, counts) {
		c.find("accounting", bundle.SelfTestJSON, "counts say %d %s, the results have %d", doc.Counts[outcome], clip(outcome), counts[outcome])
	}
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

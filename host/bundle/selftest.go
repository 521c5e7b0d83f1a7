package bundle

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Kind is what a directory holds the evidence of.
type Kind string

const (
	KindRun      Kind = "run"
	KindSelfTest Kind = "selftest" // of `hrhost selftest`: facts of a system, tried
)

func (k Kind) noun() string { return map[Kind]string{KindRun: "bundle", KindSelfTest: "self test"}[k] }

// selfTestRequired are the documents without which a self test is not valid.
var selfTestRequired = []string{SelfTestJSON, SelfTestText, World, RunStatusJSON}

// isSelfTest says whether the index is a self test's: a run has a manifest.
func (c *checker) isSelfTest() bool {
	_, self := c.listed[SelfTestJSON]
	_, run := c.listed[RunManifest]
	return self && !run
}

// selfTest checks a self test. It makes no decisions, so there is nothing to
// promote.
func (c *checker) selfTest() {
	c.report.Kind, c.report.Conditions = KindSelfTest, []Condition{}
	c.manifest.RunID, c.manifest.WorldID = c.report.RunID, c.report.WorldID
	c.files(selfTestRequired)
	var doc struct {
		Counts  map[string]int `json:"counts"`
		Results []struct {
			Fact    string `json:"fact"`
			Outcome string `json:"outcome"`
		} `json:"results"`
	}
	c.document(SelfTestJSON, &doc)
	c.document(World, nil)
	c.document(RunStatusJSON, &c.status)
	if c.status.State != Complete && c.status.State != Interrupted {
		c.find("status", RunStatusJSON, "state is %q in a finished self test", c.status.State)
	}
	facts, counts := map[string]bool{}, map[string]int{}
	for _, r := range doc.Results {
		if facts[r.Fact] {
			c.find("accounting", SelfTestJSON, "%s has two results", clip(r.Fact))
		}
		facts[r.Fact] = true
		counts[r.Outcome]++
	}
	for _, outcome := range miscounted(doc.Counts, counts) {
		c.find("accounting", SelfTestJSON, "counts say %d %s, the results have %d", doc.Counts[outcome], clip(outcome), counts[outcome])
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

// KindOf says what the directory that dir means (see [Resolve]) holds, by the
// documents that are there.
func KindOf(dir string) (Kind, error) {
	real, err := Resolve(dir)
	if err != nil {
		return "", err
	}
	if there(real, SelfTestJSON) && !there(real, RunManifest) {
		return KindSelfTest, nil
	}
	return KindRun, nil
}

func there(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

package verify

import "testing"

// TestFindingsJoin: joined findings keep their order and the bound, and count all.
func TestFindingsJoin(t *testing.T) {
	var all, some findings
	for range maxFindings - 1 {
		all.add("first", "one", "a", "")
	}
	for range maxFindings + 5 {
		some.add("second", "two", "b", "")
	}
	all.join(some)
	all.join(findings{})
	if len(all.list) != maxFindings || all.count() != 2*maxFindings+4 || all.list[maxFindings-1].Check != "second" {
		t.Errorf("%d listed of %d, the last by %q", len(all.list), all.count(), all.list[len(all.list)-1].Check)
	}
	if !all.by("third", "second") || all.by("third") {
		t.Errorf("found by %v", all.checks)
	}
}

package run

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/host/mismatch"
)

// hypothesisLines tell how the hypotheses stand, family by family.
func hypothesisLines(doc mismatch.HypothesesDocument) (lines []string) {
	for _, h := range doc.Hypotheses {
		for _, f := range h.Families {
			pairs := ""
			if h.ID == "H1" {
				pairs = fmt.Sprintf(", %d pairs", len(f.Pairs))
			}
			lines = append(lines, fmt.Sprintf("hypothesis %s (%s), %s: %s%s; %s", strings.TrimPrefix(h.ID, "H"), h.Statement, f.Family, f.Status, pairs, f.Reason))
		}
	}
	return lines
}

// acquired is hypothesis 2 in one line, "" when nothing was held.
func acquired(doc mismatch.HypothesesDocument) string {
	var parts []string
	held := false
	for _, h := range doc.Hypotheses {
		if h.ID != "H2" {
			continue
		}
		for _, f := range h.Families {
			held = held || f.Acquisition != nil
			if s := f.InShort(); s != "" {
				parts = append(parts, s)
			}
		}
	}
	if !held {
		return ""
	}
	return "acquired before sealing, used after: " + strings.Join(parts, "; ")
}

package diff

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/internal/text"
)

// Text writes the report for people. shown makes text that came from a bundle
// harmless for the sink.
func (r Report) Text(w io.Writer, shown func(string) string) {
	fmt.Fprintf(w, "A  %s   %s\nB  %s   %s\n", shown(r.A.RunID), shown(r.A.WorldID), shown(r.B.RunID), shown(r.B.WorldID))
	list(w, "world", r.World, shown)
	list(w, "run differently", r.Settings, shown)
	for _, id := range r.Added {
		fmt.Fprintf(w, "added    %s\n", shown(id))
	}
	for _, id := range r.Removed {
		fmt.Fprintf(w, "removed  %s\n", shown(id))
	}
	items(w, "changed ", r.Changed, shown)
	items(w, "unstable", r.Unstable, shown)
	for _, g := range grouped(r.Rules) {
		fmt.Fprintf(w, "rule     %s\n           %s\n", g.names(shown), change(g.Change, shown))
	}
	fmt.Fprintf(w, "%d expectations differ: %d added, %d removed, %d changed, %d unstable; %d are the same; %d facts of the world differ\n",
		r.Expectations(), len(r.Added), len(r.Removed), len(r.Changed), len(r.Unstable), r.Same, len(r.World))
	if len(r.Rules) > 0 {
		fmt.Fprintf(w, "%d of the same were decided by another rule, or by one at another place: no difference by itself\n", len(r.Rules))
	}
}

func list(w io.Writer, title string, changes []Change, shown func(string) string) {
	if len(changes) == 0 {
		return
	}
	fmt.Fprintf(w, "%s:\n", title)
	for _, c := range changes {
		fmt.Fprintf(w, "  %s\n", change(c, shown))
	}
}

func items(w io.Writer, word string, list []Item, shown func(string) string) {
	for _, it := range list {
		fmt.Fprintf(w, "%s %s\n", word, shown(it.ID))
		for _, c := range it.Changes {
			fmt.Fprintf(w, "           %s\n", change(c, shown))
		}
	}
}

func change(c Change, shown func(string) string) string {
	return fmt.Sprintf("%s: %s -> %s", shown(c.What), shown(side(c.A)), shown(side(c.B)))
}

// side is one value in a line.
func side(s string) string { return cmp.Or(text.Digest(s), "-") }

// tally is "2 times deny ..., 1 times ...", in a fixed order.
func tally(count map[string]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%d times %s", count[what], what))
	}
	return strings.Join(parts, ", ")
}

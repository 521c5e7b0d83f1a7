package selftest

import (
	"fmt"
	"io"

	"github.com/hrhost/hrhost/host/world"
)

// Comparison is how two self tests differ. What was seen is shown and is no
// difference by itself: it holds numbers of processes.
type Comparison struct {
	WorldA string   `json:"world_a"`
	WorldB string   `json:"world_b"`
	World  []Change `json:"world"` // facts of the world that differ
	Facts  []Change `json:"facts"` // facts that came out another way
	Of     int      `json:"of"`    // facts that either has
}

// Change is one thing that differs; "" on one side means that it has none.
type Change struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// Compare compares two self tests by fact.
func Compare(a, b *Document) Comparison {
	c := Comparison{WorldA: a.WorldID, WorldB: b.WorldID, World: worlds(a.World, b.World), Facts: []Change{}, Of: len(a.Results)}
	right := map[string]Result{}
	for _, r := range b.Results {
		right[r.Fact] = r
	}
	for _, l := range a.Results {
		r, ok := right[l.Fact]
		delete(right, l.Fact)
		switch {
		case !ok:
			c.Facts = append(c.Facts, Change{l.Fact, l.told(), ""})
		case l.Outcome != r.Outcome:
			c.Facts = append(c.Facts, Change{l.Fact, l.told(), r.told()})
		}
	}
	for _, r := range b.Results {
		if _, ok := right[r.Fact]; ok {
			c.Of++
			c.Facts = append(c.Facts, Change{r.Fact, "", r.told()})
		}
	}
	return c
}

func (r Result) told() string { return fmt.Sprintf("%s (%s)", r.Outcome, r.Seen) }

func worlds(a, b *world.World) []Change {
	changes := []Change{}
	both := map[string]bool{}
	for _, f := range a.Facts {
		both[f.Name] = true
		if other := b.Get(f.Name); other != f.Value {
			changes = append(changes, Change{f.Name, f.Value, other})
		}
	}
	for _, f := range b.Facts {
		if !both[f.Name] {
			changes = append(changes, Change{f.Name, "", f.Value})
		}
	}
	return changes
}

// Differs says whether anything counts as a difference.
func (c Comparison) Differs(ignoreWorld bool) bool {
	return len(c.Facts) > 0 || !ignoreWorld && (c.WorldA != c.WorldB || len(c.World) > 0)
}

// Text is the comparison for people.
func (c Comparison) Text(w io.Writer, shown func(string) string) {
	if c.WorldA != c.WorldB || len(c.World) > 0 {
		fmt.Fprintf(w, "world: %s and %s\n", shown(c.WorldA), shown(c.WorldB))
	}
	for _, ch := range c.World {
		fmt.Fprintf(w, "  %-28s  %s -> %s\n", shown(ch.Name), shown(ch.A), shown(ch.B))
	}
	for _, ch := range c.Facts {
		switch {
		case ch.B == "":
			fmt.Fprintf(w, "removed  %-28s  %s\n", shown(ch.Name), shown(ch.A))
		case ch.A == "":
			fmt.Fprintf(w, "added    %-28s  %s\n", shown(ch.Name), shown(ch.B))
		default:
			fmt.Fprintf(w, "changed  %-28s  %s -> %s\n", shown(ch.Name), shown(ch.A), shown(ch.B))
		}
	}
	fmt.Fprintf(w, "%d of %d facts differ\n", len(c.Facts), c.Of)
}

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// key is one count: a phrase or a kind of long line in a package, which is a
// directory relative to the repository.
type key struct{ pkg, phrase string }

func (k key) compare(to key) int {
	return cmp.Or(cmp.Compare(k.pkg, to.pkg), cmp.Compare(k.phrase, to.phrase))
}

// counts holds how often each phrase occurs. A phrase that does not occur has
// no entry.
type counts map[key]int

// parseCounts reads counts.txt: PACKAGE, PHRASE and COUNT, with tabs between.
func parseCounts(text string) (counts, error) {
	c := counts{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		n := 0
		if len(fields) == 3 {
			n, _ = strconv.Atoi(fields[2])
		}
		if n <= 0 {
			return nil, fmt.Errorf("%s:%d: want PACKAGE, PHRASE and a positive COUNT with tabs between, found %q", countsFile, i+1, line)
		}
		k := key{fields[0], fields[1]}
		if c[k] != 0 {
			return nil, fmt.Errorf("%s:%d: %s and %q are counted twice", countsFile, i+1, k.pkg, k.phrase)
		}
		c[k] = n
	}
	return c, nil
}

func (c counts) String() string {
	var b strings.Builder
	b.WriteString("# Written by `make words UPDATE=1`. These counts should only go down.\n")
	for _, k := range slices.SortedFunc(maps.Keys(c), key.compare) {
		fmt.Fprintf(&b, "%s\t%s\t%d\n", k.pkg, k.phrase, c[k])
	}
	return b.String()
}

// rise is a count that went up.
type rise struct {
	key
	was, now int
}

// compare returns what rose from one count to another, in order, and how many
// counts fell.
func compare(was, now counts) (rose []rise, fell int) {
	for k, n := range now {
		if n > was[k] {
			rose = append(rose, rise{k, was[k], n})
		}
	}
	for k, n := range was {
		if now[k] < n {
			fell++
		}
	}
	slices.SortFunc(rose, func(a, b rise) int { return a.key.compare(b.key) })
	return rose, fell
}

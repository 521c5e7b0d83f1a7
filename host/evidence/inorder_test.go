package evidence

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The first values of the plan are kept, in any order in which profiles end.
func TestInOrderKeepsTheFirstOfThePlan(t *testing.T) {
	const profiles, each, most = 7, 5, 12
	var want []int
	for p := range profiles {
		for i := range each {
			want = append(want, p*each+i)
		}
	}
	for range 200 {
		var o InOrder[int]
		left := make([]int, profiles) // how many values of each profile have come
		for range profiles * each {
			p := rand.IntN(profiles)
			for left[p] == each {
				p = (p + 1) % profiles
			}
			o.Add(p, p*each+left[p], most)
			left[p]++
		}
		if !slices.Equal(o.Values, want[:most]) {
			t.Fatalf("kept %v, want %v", o.Values, want[:most])
		}
	}
}

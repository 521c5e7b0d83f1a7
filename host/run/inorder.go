package run

import "slices"

// inOrder keeps the first values in the order of the plan. They come in another
// order, since profiles run side by side. Values of one place keep theirs.
type inOrder[T any] struct {
	places []int
	values []T
}

// add puts a value behind those of its place and before, and drops the last one
// when there are too many. A value that was dropped would not be among the first
// later either.
func (o *inOrder[T]) add(place int, v T, most int) {
	i, _ := slices.BinarySearch(o.places, place+1)
	if i == most {
		return
	}
	o.places = slices.Insert(o.places, i, place)
	o.values = slices.Insert(o.values, i, v)
	if len(o.values) > most {
		o.places, o.values = o.places[:most], o.values[:most]
	}
}

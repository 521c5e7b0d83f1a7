package evidence

import "slices"

// InOrder keeps the first values in the order of the plan. They come in another
// order, since profiles run side by side. Values of one place keep theirs.
type InOrder[T any] struct {
	places []int
	Values []T
}

// Add puts a value behind those of its place and before, and drops the last one
// when there are too many. A value that was dropped would not be among the first
// later either.
func (o *InOrder[T]) Add(place int, v T, most int) {
	i, _ := slices.BinarySearch(o.places, place+1)
	if i == most {
		return
	}
	o.places = slices.Insert(o.places, i, place)
	o.Values = slices.Insert(o.Values, i, v)
	if len(o.Values) > most {
		o.places, o.Values = o.places[:most], o.Values[:most]
	}
}

package lint

import (
	"cmp"
	"slices"
	"strings"
)

// Room is a part of the repository and what its packages may import. Data flows one
// way, from the plan to the report: a package that needs one further down the flow is
// in the wrong room.
type Room struct {
	Path    string   // of a package, or of all packages below it
	Imports []string // its own packages are always allowed
}

// RoomOf returns the room of a package, the one with the longest path that fits, or
// false for a package in none.
func RoomOf(rooms []Room, pkg string) (Room, bool) {
	fits := slices.Clone(rooms)
	fits = slices.DeleteFunc(fits, func(r Room) bool { return !below(pkg, r.Path) })
	if len(fits) == 0 {
		return Room{}, false
	}
	return slices.MaxFunc(fits, func(a, b Room) int { return cmp.Compare(len(a.Path), len(b.Path)) }), true
}

// May reports whether packages of the room may import pkg, a package of to. An entry
// of Imports is a package with all below it that have no room of their own: the door
// to host/enforce is none to host/enforce/bus. One that ends in "/..." is everything
// below it.
func (r Room) May(to Room, pkg string) bool {
	return to.Path == r.Path || slices.ContainsFunc(r.Imports, func(entry string) bool {
		if all, ok := strings.CutSuffix(entry, "/..."); ok {
			return below(pkg, all)
		}
		return below(pkg, entry) && (to.Path == entry || !below(to.Path, entry))
	})
}

// below reports whether a package is at a path or below it.
func below(pkg, path string) bool { return pkg == path || strings.HasPrefix(pkg, path+"/") }

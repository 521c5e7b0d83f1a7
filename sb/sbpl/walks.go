package sbpl

import (
	"fmt"
	"sync"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
)

// opWalk is what a release's table says of an operation, whatever the profile.
type opWalk struct {
	names  []string // the operations walked, itself first
	parent int      // the next one's index
	unless string   // of a terminal one: its default in words
}

var walksByTable sync.Map // *ops.Table -> []opWalk

// walksOf is by the operation's index. It is made once for a release.
func walksOf(t *ops.Table) []opWalk {
	if w, ok := walksByTable.Load(t); ok {
		return w.([]opWalk)
	}
	kept, _ := walksByTable.LoadOrStore(t, newWalks(t))
	return kept.([]opWalk)
}

func newWalks(t *ops.Table) []opWalk {
	out := make([]opWalk, len(t.Operations))
	for i, o := range t.Operations {
		w := &out[i]
		w.names = []string{o.Name}
		for at := o; !at.Terminal(); {
			at = t.ByName[at.Parent]
			w.names = append(w.names, at.Name)
		}
		if !o.Terminal() {
			w.parent = t.ByName[o.Parent].Index
			continue
		}
		says := "denied"
		if o.Allow {
			says = "allowed"
		}
		w.unless = fmt.Sprintf("(version %d): %s is %s unless named (operation table of %s)", max(t.Version, 1), o.Name, says, t.Release)
	}
	return out
}

package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/codesign"
)

// note counts the processes by what the kernel said of them, which should be the
// same for all: they run the same bytes.
func (pl *plugin) note(s codesign.Signature) {
	one := signing(s)
	for i := range pl.signed {
		if pl.signed[i].Same(one) {
			pl.signed[i].Processes++
			return
		}
	}
	one.Processes = 1
	pl.signed = append(pl.signed, one)
}

// signatures are in an order that no process's end decides.
func (pl *plugin) signatures() []bundle.CodeSigning {
	return slices.SortedFunc(slices.Values(pl.signed), func(a, b bundle.CodeSigning) int {
		return cmp.Or(strings.Compare(a.Flags, b.Flags), strings.Compare(a.Detail, b.Detail),
			strings.Compare(fmt.Sprint(a.Entitlements), fmt.Sprint(b.Entitlements)))
	})
}

func signing(s codesign.Signature) bundle.CodeSigning {
	out := bundle.CodeSigning{
		Flags: fmt.Sprintf("%#x", uint32(s.Flags)), Meaning: s.Flags.String(), Entitlements: []bundle.Entitlement{},
		Source: "csops", Detail: s.Detail,
	}
	for _, e := range s.Entitlements {
		out.Entitlements = append(out.Entitlements, bundle.Entitlement{Name: e.Name, Value: e.Value})
	}
	return out
}

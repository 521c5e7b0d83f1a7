package run

import (
	"testing"

	"github.com/hrhost/hrhost/internal/codesign"
)

func TestNote(t *testing.T) {
	pl := &plugin{}
	plain := codesign.Signature{Flags: 1}
	for _, s := range []codesign.Signature{
		plain, {Flags: 2}, plain, {Flags: 1, Detail: "x"}, {Flags: 1, Entitlements: []codesign.Entitlement{{Name: "a", Value: "1"}}},
		{Flags: 1, Entitlements: []codesign.Entitlement{{Name: "a", Value: "2"}}}, plain,
	} {
		pl.note(s)
	}
	if len(pl.signed) != 5 || pl.signed[0].Processes != 3 || pl.signed[1].Processes != 1 {
		t.Errorf("got %+v", pl.signed)
	}
}

package trampoline

import (
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

func TestParseReply(t *testing.T) {
	said := func(replies ...Reply) (all []byte) {
		for _, r := range replies {
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		return all
	}
	applied := seatbelt.ReadApply(0, 0, "", nil)
	refused := seatbelt.ReadApply(-1, syscall.EPERM, "", new(bool))
	refusedLimit := []NotSet{{2, syscall.EINVAL}}
	for _, c := range []struct {
		name   string
		in     []byte
		class  seatbelt.ErrClass
		failed string
	}{
		{"executed without a profile", nil, "", ""},
		{"applied and executed", said(Reply{Apply: &applied}), seatbelt.ClassOK, ""},
		{"applied, not executed", said(Reply{Apply: &applied}, Reply{Failure: &Failure{"exec", syscall.EPERM}}), seatbelt.ClassOK, "exec"},
		{"refused", said(Reply{Apply: &refused}, Reply{Failure: &Failure{"apply", syscall.EPERM}}), seatbelt.ClassEPERM, "apply"},
		{"a limit refused, not executed", said(
			Reply{NotSet: refusedLimit}, Reply{Failure: &Failure{"exec", syscall.EPERM}},
		), "", "exec"},
		{"a limit refused, applied", said(Reply{NotSet: refusedLimit}, Reply{Apply: &applied}), seatbelt.ClassOK, ""},
	} {
		r, err := ParseReply(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if (r.Apply != nil) != (c.class != "") || r.Apply != nil && r.Apply.Class != c.class {
			t.Errorf("%s: %+v", c.name, r.Apply)
		}
		if refused := strings.HasPrefix(c.name, "a limit refused"); refused != slices.Equal(r.NotSet, refusedLimit) {
			t.Errorf("%s: limits not set %+v", c.name, r.NotSet)
		}
		if (r.Failure != nil) != (c.failed != "") || r.Failure != nil && r.Failure.Step != c.failed {
			t.Errorf("%s: %+v", c.name, r.Failure)
		}
	}
	if _, err := ParseReply([]byte(`{"apply":`)); err == nil {
		t.Error("half a reply was taken for whole")
	}
}

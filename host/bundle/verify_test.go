package bundle

import (
	"strings"
	"testing"
)

func TestVerifyWhole(t *testing.T) {
	r, err := Verify(newFixture().write(t))
	must(t, err)
	if !r.Valid || !r.Promotable {
		var b strings.Builder
		r.Text(&b)
		t.Errorf("want valid and promotable, got\n%s", b.String())
	}
}

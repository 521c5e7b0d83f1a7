package clean

import "testing"

func TestUnheard(t *testing.T) {
	for _, c := range []struct {
		ending ending
		want   bool
	}{
		{ending{failure: &Failure{Kind: Died, Cause: "signal: terminated"}}, true},
		{ending{failure: &Failure{Kind: Died, Cause: "signal: interrupt"}}, true},
		{ending{failure: &Failure{Kind: Died, Cause: "signal: hangup"}}, true},
		{ending{code: exitUncaught}, true}, // by SIGQUIT
		{ending{failure: &Failure{Kind: Died, Cause: "signal: killed"}}, false},
		{ending{failure: &Failure{Kind: NoResult, Cause: "signal: terminated"}}, false},
		{ending{code: 0}, false},
		{ending{code: 3}, false},
	} {
		if got := c.ending.unheard(); got != c.want {
			t.Errorf("%+v: %t", c.ending, got)
		}
	}
}

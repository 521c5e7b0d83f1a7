package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
)

// questions makes one question for each word; a word with a minus is skipped.
func questions(words string) (all []evidence.Question) {
	for _, w := range strings.Fields(words) {
		id, skip := strings.CutPrefix(w, "-")
		all = append(all, evidence.Question{Probe: plan.Probe{ID: id, Operation: "sysctl-read", Skip: skip}, Arm: lane.After})
	}
	return all
}

func words(all []evidence.Question) string {
	var out []string
	for _, q := range all {
		out = append(out, q.ID)
	}
	return strings.Join(out, " ")
}

// TestSkippedBefore: the probes that this world cannot do keep their places in the
// plan's order, in front of a batch, within it and after the last one.
func TestSkippedBefore(t *testing.T) {
	for _, c := range []struct{ left, next, skipped, rest string }{
		{"a b", "a", "", "b"},
		{"-x -y a -z b", "a", "x y", "z b"},
		{"-z b", "b", "z", ""},
		{"-z", "", "z", ""},
		{"", "", "", ""},
		{"-x a", "b", "x", "a"}, // b has its row already
	} {
		p := evidence.Question{Probe: plan.Probe{ID: c.next}, Arm: lane.After}
		skipped, rest := skippedBefore(questions(c.left), p)
		if words(skipped) != c.skipped || words(rest) != c.rest {
			t.Errorf("%q before %q: %q and %q, want %q and %q", c.left, c.next, words(skipped), words(rest), c.skipped, c.rest)
		}
	}
	other := evidence.Question{Probe: plan.Probe{ID: "a"}, Arm: lane.Before}
	if _, rest := skippedBefore(questions("a"), other); len(rest) != 1 {
		t.Error("another arm of the same probe is taken for it")
	}
}

func TestBatches(t *testing.T) {
	many := slices.Repeat(questions("a"), maxItems+1)
	for _, c := range []struct {
		name   string
		prof   plan.Profile
		probes int
		want   string // the attempts of each process
	}{
		{"one process", plan.Profile{Acquire: "after"}, 3, "[3]"},
		{"repeats", plan.Profile{Acquire: "after", Repeat: 2}, 3, "[6]"},
		{"too many", plan.Profile{Acquire: "after"}, maxItems + 1, fmt.Sprint([]int{maxItems, 1})},
		{"too many repeats", plan.Profile{Acquire: "after", Repeat: maxItems + 1}, 2, fmt.Sprint([]int{maxItems + 1, maxItems + 1})},
		{"held", plan.Profile{Acquire: "both"}, maxHeld + 1, fmt.Sprint([]int{maxHeld, 1})},
		{"isolated", plan.Profile{Acquire: "after", Isolation: "probe"}, 2, "[1 1]"},
		{"none", plan.Profile{}, 0, "[]"},
	} {
		sizes := []int{}
		for _, b := range batches(&c.prof, many[:c.probes]) {
			sizes = append(sizes, len(b.items))
			if n := len(b.baselineItems()); n != len(b.probes) {
				t.Errorf("%s: %d items of %d probes in the baseline", c.name, n, len(b.probes))
			}
			for i, it := range b.items {
				if it.Slot != i {
					t.Errorf("%s: item %d has slot %d", c.name, i, it.Slot)
				}
			}
		}
		if got := fmt.Sprint(sizes); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestInBatches(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		n, size, fails int // fails: do fails at this batch; -1: reading fails after all
		want           string
	}{
		{0, 2, 0, "[]"}, {3, 2, 0, "[[0 1] [2]]"}, {4, 2, 0, "[[0 1] [2 3]]"}, {1, 9, 0, "[[0]]"},
		{4, 2, 1, "[[0 1]]"}, {3, 2, -1, "[[0 1]]"},
	} {
		got := [][]int{}
		each := func(take func(int) error) error {
			for i := range c.n {
				if err := take(i); err != nil {
					return err
				}
			}
			if c.fails < 0 {
				return broken
			}
			return nil
		}
		err := inBatches(c.size, each, func(b []int) error {
			if got = append(got, b); len(got) == c.fails {
				return broken
			}
			return nil
		})
		if fmt.Sprint(got) != c.want || (err == broken) != (c.fails != 0) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		r    bundle.SweepResult
		want int64
	}{
		{bundle.SweepResult{}, 0},
		{bundle.SweepResult{Allowed: 1, Denied: 2, Other: 3, SealedUS: 2_000_000}, 3},
		{bundle.SweepResult{Allowed: 5}, 5_000_000}, // no time at all was measured
	} {
		if got := rate(&c.r); got != c.want {
			t.Errorf("%+v: %d, want %d", c.r, got, c.want)
		}
	}
}

package pattern

import (
	"regexp/syntax"
	"slices"
)

// closure is the places that are reached without a byte, sorted. At the start
// of a value ^ holds; $ waits for the end.
func (s *Set) closure(from []uint32, atStart bool) []uint32 {
	seen := map[uint32]bool{}
	var out []uint32
	stack := slices.Clone(from)
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		in := &s.code[pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.base+in.Out, in.base+in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.base+in.Out)
		case syntax.InstEmptyWidth:
			switch op := syntax.EmptyOp(in.Arg); {
			case op&^syntax.EmptyBeginText != 0:
				out = append(out, pc)
			case atStart:
				stack = append(stack, in.base+in.Out)
			}
		case syntax.InstFail:
		default:
			out = append(out, pc)
		}
	}
	slices.Sort(out)
	return out
}

// accepting is the first pattern that has matched at some of the places. $
// holds at the end.
func (s *Set) accepting(at []uint32, atStart, atEnd bool) int32 {
	best := none
	for _, pc := range at {
		in := &s.code[pc]
		switch {
		case in.Op == syntax.InstMatch:
			best = min(best, in.pattern)
		case in.Op == syntax.InstEmptyWidth && atEnd && in.pattern < best && s.finishes(in, atStart):
			best = in.pattern
		}
	}
	return best
}

// finishes reports whether a match follows $ without a byte.
func (s *Set) finishes(in *instruction, atStart bool) bool {
	seen := map[uint32]bool{}
	stack := []uint32{in.base + in.Out}
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		next := &s.code[pc]
		switch next.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, next.base+next.Out, next.base+next.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, next.base+next.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(next.Arg)&syntax.EmptyBeginText == 0 || atStart {
				stack = append(stack, next.base+next.Out)
			}
		}
	}
	return false
}

// union merges two sorted lists.
func union(a, b []uint32) []uint32 {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make([]uint32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// partition finds the bytes that no instruction tells apart.
func (s *Set) partition() {
	var edge [257]bool // a class begins here
	for i := range s.code {
		in := &s.code[i]
		switch in.Op {
		case syntax.InstRuneAnyNotNL:
			edge['\n'], edge['\n'+1] = true, true
		case syntax.InstRune1, syntax.InstRune:
			if len(in.Rune) == 1 {
				mark(&edge, in.Rune[0], in.Rune[0])
			}
			for j := 0; j+1 < len(in.Rune); j += 2 {
				mark(&edge, in.Rune[j], in.Rune[j+1])
			}
		}
	}
	for b := range 256 {
		if b == 0 || edge[b] {
			s.sample = append(s.sample, byte(b))
			s.classes++
		}
		s.class[b] = uint8(s.classes - 1)
	}
}

func mark(edge *[257]bool, lo, hi rune) {
	if lo > 255 {
		return
	}
	edge[lo] = true
	edge[min(hi, 255)+1] = true
}

package wire

import (
	"math"
	"strings"
	"unicode/utf8"
)

// mend makes text fit for a protobuf string.
func mend(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

func mendAll(list []string) []string { return each(list, mend) }

func each[A, B any](list []A, f func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}

// tryEach stops at the first error.
func tryEach[A, B any](list []A, f func(A) (B, error)) ([]B, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		var err error
		if out[i], err = f(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// narrow32 holds a number that has no business outside 32 bits within them.
func narrow32(n int) int32 { return int32(max(math.MinInt32, min(n, math.MaxInt32))) }

func unsigned32(n int) uint32 { return uint32(max(0, min(n, math.MaxUint32))) }

func narrow(n *int) *int32 {
	if n == nil {
		return nil
	}
	v := narrow32(*n)
	return &v
}

func widen(n *int32) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}

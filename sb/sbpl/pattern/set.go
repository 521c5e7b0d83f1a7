package pattern

import (
	"regexp/syntax"
	"sync"
	"sync/atomic"
)

// maxStates and maxWords bound the automaton of a set, so that no pattern and no
// values can make it grow for ever. Beyond, a value is matched without keeping
// states.
const (
	maxStates = 2048
	maxWords  = 1 << 20 // of all states together
)

// Set is patterns that are asked together. It is an automaton whose states are
// made when a value first needs them and kept: matching is one table look-up a
// byte. Making a state takes a lock, going through made ones does not.
type Set struct {
	code    []instruction // of all programs
	class   [256]uint8    // bytes that no pattern tells apart
	classes int
	sample  []byte // one byte of each class
	again   []uint32
	start   *state

	mu     sync.Mutex
	states map[string]*state
	words  int
}

// instruction is one step of a pattern's program.
type instruction struct {
	*syntax.Inst
	base    uint32 // of its program in code
	pattern int32
}

// none is the index of no pattern.
const none = int32(1<<31 - 1)

// state is the places in the patterns' programs that some beginning of a value
// leads to.
type state struct {
	at     []uint32
	accept int32 // the first pattern that matched here
	end    int32 // the first that matches if the value ends here
	next   []atomic.Pointer[state]
}

// NewSet makes a set; a pattern's index is its place in patterns.
func NewSet(patterns []*Pattern) *Set {
	s := &Set{states: map[string]*state{}}
	var begins []uint32
	for i, p := range patterns {
		prog, err := syntax.Compile(p.tree.Simplify())
		if err != nil {
			panic("BUG(pattern): " + err.Error()) // Compile does not fail on what Parse made
		}
		base := uint32(len(s.code))
		for j := range prog.Inst {
			s.code = append(s.code, instruction{&prog.Inst[j], base, int32(i)})
		}
		begins = append(begins, base+uint32(prog.Start))
	}
	s.partition()
	s.again = s.closure(begins, false)
	s.start = s.state(s.closure(begins, true))
	return s
}

// Spend is told of work that is more than one table look-up a byte, before it is
// done, and may refuse it. Nil refuses nothing.
type Spend func(work int) bool

// Refuses says that work is not to be done.
func (spend Spend) Refuses(work int) bool { return spend != nil && !spend(work) }

// First is the index of the first pattern that matches in v, -1 for none, and for
// work that is refused.
func (s *Set) First(v string, spend Spend) int {
	best := s.start.accept
	at := s.start
	for i := 0; i < len(v); i++ {
		next := at.next[s.class[v[i]]].Load()
		if next == nil {
			if spend.Refuses(len(s.code)) {
				return -1
			}
			if next = s.step(at, s.class[v[i]]); next == nil {
				return s.simulate(v, spend)
			}
		}
		at = next
		if at.accept < best {
			best = at.accept
		}
		if len(at.at) == 0 { // every pattern is anchored, and none can match any more
			break
		}
	}
	return index(min(best, s.ended(at, v)))
}

// ended is what matches at the end of v.
func (s *Set) ended(at *state, v string) int32 {
	if len(v) == 0 { // ^ and $ hold at one place
		return s.accepting(at.at, true, true)
	}
	return at.end
}

func index(best int32) int {
	if best == none {
		return -1
	}
	return int(best)
}

// step makes the state that follows, nil when there are too many.
func (s *Set) step(at *state, class uint8) *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.states) >= maxStates || s.words >= maxWords {
		return nil
	}
	next := s.state(s.follow(at.at, s.sample[class]))
	at.next[class].Store(next)
	return next
}

// follow is the places after a byte: of patterns under way, and of those that
// begin here.
func (s *Set) follow(at []uint32, b byte) []uint32 {
	var moved []uint32
	for _, pc := range at {
		in := &s.code[pc]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if in.MatchRune(rune(b)) {
				moved = append(moved, in.base+in.Out)
			}
		}
	}
	return union(s.closure(moved, false), s.again)
}

// state finds or makes the state of a set of places.
func (s *Set) state(at []uint32) *state {
	key := make([]byte, 0, 4*len(at))
	for _, pc := range at {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	if st := s.states[string(key)]; st != nil {
		return st
	}
	st := &state{at: at, accept: s.accepting(at, false, false), end: s.accepting(at, false, true), next: make([]atomic.Pointer[state], s.classes)}
	s.states[string(key)] = st
	s.words += len(at) + s.classes
	return st
}

// simulate matches without keeping states.
func (s *Set) simulate(v string, spend Spend) int {
	at := s.start.at
	best := s.start.accept
	for i := 0; i < len(v); i++ {
		if spend.Refuses(len(s.code)) {
			return -1
		}
		at = s.follow(at, v[i])
		best = min(best, s.accepting(at, false, false))
	}
	return index(min(best, s.accepting(at, len(v) == 0, true)))
}

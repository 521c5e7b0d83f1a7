package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hrhost/hrhost/internal/text"
)

// Limits on JSON text. They are generous for what hrhost writes and keep a
// hostile bundle from costing more than it is worth.
const (
	maxDepth  = 64
	maxNumber = 1 << 53 // exclusive
	maxDoc    = 64 << 20
)

// MaxRow is the size in bytes from which on no row is read.
const MaxRow = 16 << 20

var errDepth = fmt.Errorf("nested deeper than %d", maxDepth)

// CheckJSON reports whether text is one JSON value that every reader
// understands alike: UTF-8, no key twice in an object, no number at or beyond
// 2^53, nesting of at most 64.
func CheckJSON(text []byte) error {
	if err := checkDepth(text); err != nil {
		return err
	}
	if !json.Valid(text) {
		return syntaxError(text)
	}
	return checkParsed(text)
}

// checkParsed is CheckJSON of text that a JSON encoder made or a decoder read.
func checkParsed(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("not UTF-8")
	}
	return checkValues(text)
}

// syntaxError says what is wrong with text that is no JSON.
func syntaxError(text []byte) error {
	var v json.RawMessage
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	return errors.New("not JSON")
}

// checkDepth counts brackets outside strings, of text that need not be JSON: a
// decoder has a limit of its own, and says so in other words.
func checkDepth(text []byte) error {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i)
		case '{', '[':
			if depth++; depth > maxDepth {
				return errDepth
			}
		case '}', ']':
			depth--
		}
	}
	return nil
}

// endOfString returns the index of the quote that ends the string starting at i,
// or the last index when none does.
func endOfString(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i, len(text)-1)
}

// checkValues looks at the numbers and keys of valid JSON. open holds the keys
// seen so far in each object or array around the current place.
func checkValues(text []byte) error {
	open := make([]keySet, 1, 8)
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			end := endOfString(text, i)
			if isKey(text[end+1:]) {
				if err := open[len(open)-1].add(text[i : end+1]); err != nil {
					return err
				}
			}
			i = end
		case b == '{' || b == '[':
			if len(open) > maxDepth { // the first is around the whole text
				return errDepth
			}
			open = opened(open)
		case b == '}' || b == ']':
			open = open[:len(open)-1]
		case b == '-' || b >= '0' && b <= '9':
			end := i + 1
			for end < len(text) && strings.IndexByte("0123456789.eE+-", text[end]) >= 0 {
				end++
			}
			if err := checkNumber(text[i:end]); err != nil {
				return err
			}
			i = end - 1
		}
	}
	return nil
}

// opened adds an empty set of keys, in the memory of one that was closed before.
func opened(open []keySet) []keySet {
	if len(open) == cap(open) {
		return append(open, keySet{})
	}
	open = open[:len(open)+1]
	s := &open[len(open)-1]
	s.few, s.many = s.few[:0], nil
	return open
}

// isKey reports whether a string followed by rest is a key.
func isKey(rest []byte) bool {
	for _, b := range rest {
		switch b {
		case ' ', '\t', '\r', '\n':
		default:
			return b == ':'
		}
	}
	return false
}

// keySet is the keys of one object: a short list, or a map once it is long.
type keySet struct {
	few  [][]byte
	many map[string]bool
}

// add takes a quoted key and refuses one that is there already.
func (s *keySet) add(quoted []byte) error {
	key := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(key, '\\') >= 0 {
		var plain string
		if err := json.Unmarshal(quoted, &plain); err != nil {
			return err
		}
		key = []byte(plain)
	}
	same := func(k []byte) bool { return bytes.Equal(k, key) }
	if s.many[string(key)] || slices.ContainsFunc(s.few, same) {
		return fmt.Errorf("key %q twice in one object", text.Brief(string(key)))
	}
	switch {
	case len(s.few) < 32:
		if s.few == nil {
			s.few = make([][]byte, 0, 16)
		}
		s.few = append(s.few, key)
	case s.many == nil:
		s.many = map[string]bool{string(key): true}
	default:
		s.many[string(key)] = true
	}
	return nil
}

// checkNumber refuses a number that a reader using doubles would round.
func checkNumber(number []byte) error {
	short := len(number) < 16 // and so below 2^53, unless there is an exponent
	if short && !bytes.ContainsAny(number, "eE") {
		return nil
	}
	s := string(number)
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Abs(f) >= maxNumber {
			return fmt.Errorf("number %s is at or beyond 2^53", text.Brief(s))
		}
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n >= maxNumber || n <= -maxNumber {
		return fmt.Errorf("number %s is at or beyond 2^53; write it as a string", text.Brief(s))
	}
	return nil
}

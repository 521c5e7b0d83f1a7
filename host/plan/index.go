package plan

import (
	"fmt"
	"strings"
)

// index maps the path of every key of a TOML document to its position: "run.out",
// "profile[0].probes[2].op". The TOML library reports no position for a value
// once it is decoded.
type index map[string]position

// position is a place in a text. Both numbers begin at 1, and col counts bytes, as the
// TOML library's errors do. The zero position is no place.
type position struct{ line, col int }

// join appends a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// at appends an array index to a path.
func at(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// makeIndex scans a document that the TOML library has accepted. On anything
// else its positions are merely useless.
func makeIndex(src string) index {
	s := scanner{src: src, line: 1, index: index{}, count: map[string]int{}}
	for s.next() {
	}
	return s.index
}

type scanner struct {
	src   string
	pos   int
	line  int
	begin int            // of the line, an offset in src
	table string         // path of the table being filled
	index index          // result
	count map[string]int // length so far of each array of tables
}

// next reads one header or one key with its value; false at the end.
func (s *scanner) next() bool {
	s.blank(true)
	switch {
	case s.pos >= len(s.src):
		return false
	case s.src[s.pos] == '[':
		s.header()
	default:
		s.pair(s.table)
	}
	return true
}

// header reads [a.b] or [[a.b]].
func (s *scanner) header() {
	here := s.here()
	s.pos++
	many := s.peek() == '['
	if many {
		s.pos++
	}
	path := ""
	keys := s.key()
	for i, k := range keys {
		path = join(path, k)
		last := i == len(keys)-1
		if last && many {
			s.count[path]++
		}
		if n := s.count[path]; n > 0 {
			s.note(path, here)
			path = at(path, n-1)
		}
		s.note(path, here)
	}
	s.table = path
	s.until("\n")
}

// pair reads key = value into the table at path.
func (s *scanner) pair(path string) {
	here, start := s.here(), s.pos
	for _, k := range s.key() {
		path = join(path, k)
		s.note(path, here)
	}
	s.blank(false)
	if s.peek() == '=' {
		s.pos++
	}
	s.value(path)
	if s.pos == start {
		s.pos++
	}
}

// here is the position of the next byte.
func (s *scanner) here() position { return position{s.line, s.pos - s.begin + 1} }

// note keeps the first position of a path.
func (s *scanner) note(path string, pos position) {
	if _, ok := s.index[path]; !ok {
		s.index[path] = pos
	}
}

// value skips one value, noting the keys in it.
func (s *scanner) value(path string) {
	s.blank(false)
	switch s.peek() {
	case '{':
		s.items('}', func(int) { s.pair(path) })
	case '[':
		s.items(']', func(i int) {
			s.note(at(path, i), s.here())
			s.value(at(path, i))
		})
	case '"', '\'':
		s.text()
	default:
		s.until(",]}#\n")
	}
}

// items reads what stands between a bracket and its end, comma by comma.
func (s *scanner) items(end byte, item func(i int)) {
	s.pos++
	for i := 0; ; i++ {
		s.blank(true)
		if s.pos >= len(s.src) {
			return
		}
		if s.src[s.pos] == end {
			s.pos++
			return
		}
		before := s.pos
		item(i)
		s.blank(true)
		if s.peek() == ',' {
			s.pos++
		}
		if s.pos == before {
			s.pos++
		}
	}
}

// key reads a dotted key.
func (s *scanner) key() []string {
	var keys []string
	for {
		s.blank(false)
		switch c := s.peek(); {
		case c == '"' || c == '\'':
			keys = append(keys, s.text())
		case bare(c):
			start := s.pos
			for bare(s.peek()) {
				s.pos++
			}
			keys = append(keys, s.src[start:s.pos])
		default:
			return keys
		}
		s.blank(false)
		if s.peek() != '.' {
			return keys
		}
		s.pos++
	}
}

func bare(c byte) bool {
	return c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// text skips a string of any of the four kinds and returns what it holds, as
// written.
func (s *scanner) text() string {
	quote := s.src[s.pos : s.pos+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(s.src[s.pos:], long) {
		return s.quoted(long)
	}
	return s.quoted(quote)
}

func (s *scanner) quoted(quote string) string {
	s.pos += len(quote)
	start := s.pos
	for s.pos < len(s.src) && !strings.HasPrefix(s.src[s.pos:], quote) {
		if s.src[s.pos] == '\\' && quote[0] == '"' {
			s.step()
		}
		s.step()
	}
	end := min(s.pos, len(s.src))
	s.pos = min(s.pos+len(quote), len(s.src))
	for len(quote) == 3 && s.peek() == quote[0] { // a long string may end in quotes
		s.pos++
	}
	return s.src[start:end]
}

// blank skips spaces and, where lines may be broken, newlines and comments.
func (s *scanner) blank(lines bool) {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\t':
			s.step()
		case lines && (c == '\n' || c == '\r'):
			s.step()
		case lines && c == '#':
			s.until("\n")
		default:
			return
		}
	}
}

// until skips to one of the bytes of stop, or to the end.
func (s *scanner) until(stop string) {
	for s.pos < len(s.src) && strings.IndexByte(stop, s.src[s.pos]) < 0 {
		s.step()
	}
}

func (s *scanner) step() {
	if s.pos < len(s.src) {
		s.pos++
		if s.src[s.pos-1] == '\n' {
			s.line, s.begin = s.line+1, s.pos
		}
	}
}

func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

package scheme

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// A file of testdata holds chunks between lines of ---. Each chunk is evaluated
// by a new machine, one form after another; a form that fails does not end the
// chunk, unless it reached a limit. At the end of a line,
//
//	;=> VALUE              is the value of the form that ends on the line
//	;### COL "MESSAGE"     is an error on the line, at the column
//	;### COL limit "..."   is a limit that was reached there
//	;limit steps=N bytes=N sets the machine's limits
//
// Errors that are not expected fail, as do expected ones that do not come.

// TestChunks evaluates every chunk. It also fails when no chunk calls a
// procedure or form of the core.
func TestChunks(t *testing.T) {
	base, called := counting(Core())
	for _, c := range chunks(t) {
		t.Run(c.name, func(t *testing.T) { c.run(t, base) })
	}
	for name := range base {
		if called[name] == 0 {
			t.Errorf("no chunk calls %s: write one in testdata", name)
		}
	}
}

type chunk struct {
	name, file, src string // src starts with empty lines, so that its lines are those of the file
}

func chunks(tb testing.TB) []chunk {
	files, err := filepath.Glob("testdata/*.sb")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no chunk files: %v", err)
	}
	var out []chunk
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		file, line := filepath.Base(path), 1
		for part := range strings.SplitSeq(string(text), "\n---\n") {
			out = append(out, chunk{fmt.Sprintf("%s:%d", file, line), file, strings.Repeat("\n", line-1) + part})
			line += strings.Count(part, "\n") + 2
		}
	}
	return out
}

// counting is base with every procedure and form counting its calls by name.
func counting(base Base) (Base, map[syntax.Symbol]int) {
	called := map[syntax.Symbol]int{}
	out := Base{}
	for name, v := range base {
		switch f := v.(type) {
		case *Builtin:
			out[name] = &Builtin{f.Name, f.Min, f.Max, func(c *Call) (Value, error) {
				called[name]++
				return f.Do(c)
			}}
		case *special:
			out[name] = &special{func(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
				called[name]++
				return f.do(m, p, env)
			}}
		default:
			out[name] = v
		}
	}
	return out, called
}

var (
	valueMark = regexp.MustCompile(`^[ \t)]*;=> (.*)$`)
	errorMark = regexp.MustCompile(`;### (\d+) (limit )?(".*")$`)
	limitMark = regexp.MustCompile(`(?m)^;limit (.*)$`)
)

func (c *chunk) machine(t *testing.T, base Base) *Machine {
	m := New(base)
	if l := limitMark.FindStringSubmatch(c.src); l != nil {
		for f := range strings.FieldsSeq(l[1]) {
			name, digits, _ := strings.Cut(f, "=")
			n, err := strconv.Atoi(digits)
			switch {
			case err == nil && name == "steps":
				m.MaxSteps = n
			case err == nil && name == "bytes":
				m.MaxBytes = int64(n)
			default:
				t.Fatalf("invalid limit %q: want steps=N or bytes=N", f)
			}
		}
	}
	return m
}

func (c *chunk) run(t *testing.T, base Base) {
	m, want := c.machine(t, base), c.expected(t)
	r := syntax.NewReader(c.file, c.src)
	checked, values := 0, strings.Count(c.src, ";=> ")
	for {
		d, pos, more, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		v, err := m.Eval(d, m.Global, pos)
		if m.depth != 0 {
			t.Fatalf("%v: the machine is at depth %d after the form", pos, m.depth)
		}
		line, _, _ := strings.Cut(c.src[r.Taken():], "\n")
		mark := valueMark.FindStringSubmatch(line)
		if err == nil && mark != nil {
			checked++
			values--
			if got := Show(v); got != mark[1] {
				t.Errorf("%v: the value is %s, want %s", pos, got, mark[1])
			}
			continue
		}
		if err == nil {
			continue
		}
		e := &Error{}
		if !errors.As(err, &e) {
			t.Fatalf("%v: %T is not an *Error: %v", pos, err, err)
		}
		if x, ok := want[e.Pos]; !ok {
			t.Errorf("unexpected error: %v", e)
		} else if x.msg != e.Msg || x.limit != e.Limit {
			t.Errorf("%v (limit: %v), want %q (limit: %v)", e, e.Limit, x.msg, x.limit)
		}
		checked++
		delete(want, e.Pos)
		if e.Limit {
			break
		}
	}
	for pos, x := range want {
		t.Errorf("%v: no error, want %q", pos, x.msg)
	}
	if values != 0 {
		t.Errorf("%d values were not compared: does a form end on each line with ;=>?", values)
	}
	if checked == 0 {
		t.Error("the chunk checks nothing")
	}
}

type expectation struct {
	msg   string
	limit bool
}

// expected reads the errors that a chunk's comments announce.
func (c *chunk) expected(t *testing.T) map[syntax.Pos]expectation {
	out := map[syntax.Pos]expectation{}
	for i, line := range strings.Split(c.src, "\n") {
		if !strings.Contains(line, ";###") {
			continue
		}
		m := errorMark.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%s:%d: malformed expectation: want ;### COL [limit ]\"MESSAGE\"", c.file, i+1)
		}
		col, _ := strconv.Atoi(m[1])
		msg, err := strconv.Unquote(m[3])
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", c.file, i+1, m[3], err)
		}
		out[syntax.Pos{File: c.file, Line: i + 1, Col: col}] = expectation{msg, m[2] != ""}
	}
	return out
}

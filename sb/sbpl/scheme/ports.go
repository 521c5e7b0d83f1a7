package scheme

import (
	"cmp"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Port is text that is being read.
type Port struct{ reader *syntax.Reader }

// NewPort reads text whose positions name file.
func NewPort(file, text string) *Port { return &Port{syntax.NewReader(file, text)} }

type endOfFile struct{}

// read reads the next datum. Its text costs a step for 16 bytes, as that of a
// profile does, and 16 bytes of memory for each.
func (p *Port) read(c *Call) (Value, error) {
	from := p.reader.Taken()
	d, _, more, err := p.reader.Next()
	taken := p.reader.Taken() - from
	if err := cmp.Or(c.M.Work(c.Pos, taken/16), c.M.Alloc(c.Pos, 16*taken)); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, c.Errorf("%s", err)
	}
	if !more {
		return endOfFile{}, nil
	}
	return d, nil
}

func portBuiltins() []*Builtin {
	return []*Builtin{
		{"open-input-string", 1, 1, func(c *Call) (Value, error) {
			s, err := c.Str(0)
			if err == nil {
				err = c.M.Alloc(c.Pos, objectBytes)
			}
			return NewPort("<string>", s), err
		}},
		{"read", 1, 1, func(c *Call) (Value, error) {
			p, ok := c.Args[0].(*Port)
			if !ok {
				return nil, c.Errorf("argument 1 must be: port")
			}
			return p.read(c)
		}},
		{"close-input-port", 1, 1, func(*Call) (Value, error) { return Unspecified, nil }},
		is("eof-object?", typed[endOfFile]), is("input-port?", typed[*Port]),
	}
}

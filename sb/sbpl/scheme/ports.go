package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// Port is text that is being read.
type Port struct{ reader *syntax.Reader }

// NewPort reads text whose positions name file.
func NewPort(file, text string) *Port { return &Port{syntax.NewReader(file, text)} }

type endOfFile struct{}

func portBuiltins() []*Builtin {
	return []*Builtin{
		{"open-input-string", 1, 1, func(c *Call) (Value, error) {
			s, err := c.Str(0)
			return NewPort("<string>", s), err
		}},
		{"read", 1, 1, func(c *Call) (Value, error) {
			p, ok := c.Args[0].(*Port)
			if !ok {
				return nil, c.Errorf("argument 1 must be: port")
			}
			d, _, more, err := p.reader.Next()
			if err != nil {
				return nil, c.Errorf("%s", err)
			}
			if !more {
				return endOfFile{}, nil
			}
			return d, c.M.Alloc(c.Pos, p.reader.Taken()*16)
		}},
		{"close-input-port", 1, 1, func(*Call) (Value, error) { return Unspecified, nil }},
		is("eof-object?", typed[endOfFile]), is("input-port?", typed[*Port]),
	}
}

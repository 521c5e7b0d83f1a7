package sbpl

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Error is a profile that is refused, with the place that is to blame.
type Error struct {
	Pos     Pos
	Msg     string
	Hint    string // "did you mean sysctl-read?"
	Snippet string // the line and a caret under the place
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Pos, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Errors are several, in the order in which they were found.
type Errors []*Error

func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes errors.As find the first.
func (l Errors) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// errStopped says that what is wrong has been reported already.
var errStopped = errors.New("evaluation has stopped")

func (c *compiler) failure() error {
	if len(c.errors) == 1 {
		return c.errors[0]
	}
	return Errors(c.errors)
}

// fatal errors leave nothing to go on with.
func (c *compiler) fatal(err error) bool {
	var se *scheme.Error
	return c.version == 0 || errors.Is(err, errStopped) || errors.As(err, &se) && se.Limit
}

// report keeps an error with a snippet and a guess. What is the consequence of
// an earlier one is left out.
func (c *compiler) report(err error) {
	if err == nil || errors.Is(err, errStopped) {
		return
	}
	out := &Error{Pos: c.top, Msg: err.Error()}
	var se *scheme.Error
	var re *syntax.Error
	switch {
	case errors.As(err, &se):
		out.Pos, out.Msg = se.Pos, se.Msg
		if se.Unbound != "" && (c.broken[se.Unbound] || c.deaf && len(c.errors) > 0 && c.suggest(se.Unbound) == "") {
			return
		}
		if se.Unbound != "" {
			out.Hint = c.hint(se.Unbound)
		} else if key := c.missingParam(se.Form); key != "" {
			out.Hint = "parameter " + strconv.Quote(key) + " has no value"
		} else if len(c.unset) > 0 && (strings.HasSuffix(se.Msg, "must be: string") || strings.HasSuffix(se.Msg, "is #f")) {
			out.Hint = "parameters without a value: " + strings.Join(c.unset, ", ")
		}
	case errors.As(err, &re):
		out.Pos, out.Msg = re.Pos, re.Msg
	}
	if out.Pos.Line == 0 { // a form that the profile put together itself
		out.Pos = c.top
	}
	if slices.ContainsFunc(c.errors, func(e *Error) bool { return e.Pos == out.Pos && e.Msg == out.Msg }) {
		return // a procedure that fails each time it is called
	}
	out.Snippet = snippet(c.sources[out.Pos.File], out.Pos)
	c.errors = append(c.errors, out)
}

// missingParam names a (param "X") without a value in a form that failed, which
// is the commonest reason.
func (c *compiler) missingParam(form *syntax.Pair) string {
	left := maxSearched
	return c.missingIn(form, 0, &left)
}

// maxSearched bounds the data that missingParam looks at: lists may share their
// parts, so that a few make a tree of any size.
const maxSearched = 10_000

func (c *compiler) missingIn(d syntax.Datum, depth int, left *int) string {
	form, ok := d.(*syntax.Pair)
	if !ok || form == nil || depth > 10 || *left <= 0 {
		return ""
	}
	items, _ := scheme.Slice(form)
	*left -= 1 + len(items)
	if len(items) == 2 && (items[0] == syntax.Datum(syntax.Symbol("param")) || items[0] == syntax.Datum(syntax.Symbol("getenv"))) {
		if s, ok := items[1].(*syntax.Str); ok {
			if _, set := c.options.Params[s.S]; !set {
				return s.S
			}
		}
	}
	for _, it := range items {
		if key := c.missingIn(it, depth+1, left); key != "" {
			return key
		}
	}
	return ""
}

func (c *compiler) hint(name string) string {
	if c.version == 0 {
		return "nothing is known before (version 1)"
	}
	for _, e := range c.table.release.Of("unbound") {
		if slices.Contains(e.Names, name) {
			return fmt.Sprintf("%s does not bind it, that of (version 1) does: write %s", c.table.release.Library(), e.What)
		}
	}
	if s := c.suggest(name); s != "" {
		return "did you mean " + s + "?"
	}
	return ""
}

func (c *compiler) suggest(name string) string { return Suggest(name, c.machine.Global.Names()) }

// snippet quotes the line of pos out of src with a caret under the column.
func snippet(src []byte, pos Pos) string {
	lines := strings.Split(string(src), "\n")
	if pos.Line < 1 || pos.Line > len(lines) {
		return ""
	}
	line := lines[pos.Line-1]
	col := min(max(pos.Col-1, 0), len(line))
	const margin = 200 // a line may be as long as a file
	from, to := max(0, col-margin), min(len(line), col+margin)
	lead := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[from:col])
	return line[from:to] + "\n" + lead + "^"
}

// Suggest is the name nearest to a mistyped one, "" when none is near.
func Suggest(name string, among []string) string {
	best, least := "", max(1, len(name)/3)+1
	sort.Strings(among)
	for _, a := range among {
		if d := distance(name, a, least); d < least {
			best, least = a, d
		}
	}
	return best
}

// distance is Levenshtein's, given up at limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

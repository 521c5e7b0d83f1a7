package lane

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/internal/text"
)

// Place is where a rule stands, as editors take it. A default and a rule of the
// system stand nowhere in the profile, although older bundles give them a place.
func (r *RuleRef) Place() string {
	switch {
	case r.Implicit:
		return "system rule of " + r.DecidedAt
	case r.Default, r.File == "":
		return "default of " + r.DecidedAt
	case r.Line == 0:
		return r.File
	}
	return fmt.Sprintf("%s:%d:%d", r.File, r.Line, r.Col)
}

// Named is a rule in a sentence: "rule p.sb:3:1", "default of signal".
func (r *RuleRef) Named() string {
	if r.Implicit || r.Default || r.File == "" {
		return r.Place()
	}
	return "rule " + r.Place()
}

// Shown is what a row's call got, in a few words, for tables: the row's status
// when the call did not come back, else what was seen of its effect, its value
// (of at most so many characters), or the error's name. The text may be a
// plugin's: the sink escapes it.
func Shown(status string, r Result, e Effect, most int) string {
	switch {
	case status == "died" && r.Signal != nil:
		return "died, signal " + strconv.Itoa(*r.Signal)
	case status != "success" && status != "errno" && status != "":
		return status
	case r.Class == OK && e == EffectSeen:
		return "delivered"
	case r.Class == OK && e == EffectAbsent:
		return "not delivered"
	case r.Class == OK && r.Value != "":
		return strconv.Quote(text.Column(strings.TrimSpace(r.Value), most))
	case r.ErrnoName != "":
		return r.ErrnoName
	case r.Errno != nil:
		return "errno " + strconv.Itoa(*r.Errno)
	case r.Native != nil && r.Native.Name != "":
		return r.Native.Name[strings.LastIndexByte(r.Native.Name, '.')+1:]
	case r.Native != nil:
		return fmt.Sprintf("%s %d", r.Native.API, r.Native.Code)
	}
	return string(r.Class)
}

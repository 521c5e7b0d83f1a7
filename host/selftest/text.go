package selftest

import (
	"fmt"
	"io"
	"strings"
)

// words are the outcomes as people read them.
var words = map[Outcome]string{Pass: "pass", Fail: "FAIL", NotApplicable: "n/a", Incomplete: "INCOMPLETE"}

// Line is a result for people: one line, and for what neither passed nor is not
// applicable the claim, what breaks and what the experiment printed. shown
// escapes what a terminal would act on.
func (r Result) Line(w io.Writer, shown func(string) string) {
	fmt.Fprintf(w, "%-10s  %-28s  %s\n", words[r.Outcome], r.Fact, shown(r.Seen))
	if r.Outcome == Pass || r.Outcome == NotApplicable {
		return
	}
	fmt.Fprintf(w, "            claim   %s\n            breaks  %s\n", shown(r.Claim), shown(r.Breaks))
	for line := range strings.Lines(r.Output) {
		fmt.Fprintf(w, "            | %s\n", shown(strings.TrimRight(line, "\n")))
	}
}

// String is the counts in a line.
func (c Counts) String() string {
	return fmt.Sprintf("%d facts: %d pass, %d fail, %d not applicable, %d incomplete",
		c.Pass+c.Fail+c.NotApplicable+c.Incomplete, c.Pass, c.Fail, c.NotApplicable, c.Incomplete)
}

// Text is the whole document for people.
func (d *Document) Text(w io.Writer, shown func(string) string) {
	fmt.Fprintf(w, "hrhost selftest   %s   hrhost %s   %s user   %s\n\n", shown(d.WorldID), shown(d.Program), d.User, d.StartedAt)
	for _, r := range d.Results {
		r.Line(w, shown)
	}
	fmt.Fprintf(w, "\n%s\n", d.Counts)
}

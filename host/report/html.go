package report

import (
	_ "embed"
	"html/template"
	"io"
	"sync"
)

//go:embed report.html.tmpl
var page string

// pageTemplate is the whole page; html/template escapes by context. Most
// processes of hrhost write no report, and so it is parsed when one is.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"t": htmlText,
		"class": func(o Outcome) string {
			return map[Outcome]string{AsExpected: "ok", Mismatch: "bad", Undecided: "und", Skipped: "skip"}[o]
		},
		"self":      selfCheck,
		"sweepRows": sweepRows,
		"sweepLine": sweepLine,
	}).Parse(page))
})

// HTML renders report.html: one file that needs neither script nor network.
func HTML(w io.Writer, run *Run) error { return pageTemplate().Execute(w, run) }

// selfCheck is the three-valued self check in words.
func selfCheck(sandboxed *bool) string {
	switch {
	case sandboxed == nil:
		return "unknown"
	case *sandboxed:
		return "sandboxed"
	}
	return "not sandboxed"
}

package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manual(t *testing.T, date string) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeManual(&b, rootCommand(newUI(nil, nil)), date); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestManual: every verb and every flag that --help tells of is in the page, but
// for cobra's help and its long help text for each shell.
func TestManual(t *testing.T) {
	page := manual(t, "2026-11-24")
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" || c.HasParent() && c.Parent().Name() == "completion" {
			return
		}
		if head := roff(c.CommandPath()); c.HasParent() && !strings.Contains(page, `.SS "`+head) {
			t.Errorf("no section of %q", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(page, `\fB`+roff("--"+f.Name)+`\fR`) {
				t.Errorf("%q: no flag %q", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(rootCommand(newUI(nil, nil)))
	if strings.Contains(page, "hrhost worker") {
		t.Error("a hidden verb is told of")
	}
	if !strings.HasPrefix(page, ".TH \"HRHOST\" \"1\" \"2026\\-11\\-24\" \"hrhost "+version+"\" \"\"\n") {
		t.Errorf("first line %q", strings.SplitN(page, "\n", 2)[0])
	}
}

// TestManualSource: no line of the page is taken for a macro that it is not, and
// two pages are the same.
func TestManualSource(t *testing.T) {
	page := manual(t, "")
	known := regexp.MustCompile(`^\.(TH|SH|SS|PP|TP|EX|EE)( "[^"]*")*$`)
	depth := 0
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !known.MatchString(line) {
			t.Errorf("line %q is a request to troff", line)
		}
		switch line {
		case ".EX":
			depth++
		case ".EE":
			depth--
		}
		if depth != 0 && depth != 1 {
			t.Fatalf("%q at depth %d", line, depth)
		}
	}
	if depth != 0 {
		t.Error("an example has no end")
	}
	if manual(t, "") != page {
		t.Error("two pages differ")
	}
}

// TestRoff: what troff would act on is escaped.
func TestRoff(t *testing.T) {
	for in, want := range map[string]string{
		"--out":  `\-\-out`,
		".so x":  `\&.so x`,
		"'quote": `\&'quote`,
		`a\fB`:   `a\efB`,
	} {
		if got := roff(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestSourceDate: the date is the one of SOURCE_DATE_EPOCH, in UTC, or none.
func TestSourceDate(t *testing.T) {
	for in, want := range map[string]string{"": "", "0": "1970-01-01", "1795564799": "2026-11-24"} {
		if got, err := sourceDate(in); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", in, got, err, want)
		}
	}
	if _, err := sourceDate("today"); err == nil {
		t.Error("today is a number of seconds")
	}
}

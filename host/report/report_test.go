package report

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/bundle"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var outputs = []string{bundle.SummaryMD, bundle.ReportHTML, bundle.JUnitXML}

// TestGolden compares each report with its golden file; -update rewrites them.
func TestGolden(t *testing.T) {
	w := writeRun(t, plain)
	must(t, Write(w))
	for _, name := range outputs {
		got, err := os.ReadFile(filepath.Join(w.Dir(), name))
		must(t, err)
		golden := filepath.Join("testdata", name)
		if *update {
			must(t, os.MkdirAll("testdata", 0o755))
			must(t, os.WriteFile(golden, got, 0o644))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s differs from its golden file; if it should, run with -update\n%s", name, diff)
		}
	}
}

// hostile are strings that would do something if a sink let them.
var hostile = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "]]><x/>", "</testcase>", "--><b>",
	"\x1b]0;owned\x07", "\x1b[2J", "a\rb", "a\nb\n# heading", "\x00", "\u202egnp.exe", "\xff\xfe", "\u2028", "\ufffe",
	"| cell | cell |", "`code`", "[link](javascript:alert(1))", "![i](http://x)", "*b* _i_ ~~s~~", "1. list", "- item", "# h",
	"{{.Manifest}}", "${x}", "&lt;", "%s%n", "http://evil.example/", "'; DROP", "javascript:alert(1)",
}

// TestHostileStrings puts each string wherever a plugin or a profile may put
// one, and checks what every sink made of it.
func TestHostileStrings(t *testing.T) {
	for _, s := range hostile {
		t.Run(strconv.QuoteToASCII(s), func(t *testing.T) {
			w := writeRun(t, strange{s, s, s, s, s})
			must(t, Write(w))
			for _, name := range outputs {
				text, err := os.ReadFile(filepath.Join(w.Dir(), name))
				must(t, err)
				harmless(t, name, string(text))
			}
		})
	}
}

// codeSpan is text that Markdown takes literally.
var codeSpan = regexp.MustCompile("`[^`\n]*`")

// live are pieces that only a hostile string would put into a report.
func live(name string) []string {
	if name == bundle.ReportHTML { // the page has bold letters of its own
		return []string{"<script", "<img", "<x/>", "onerror=alert(1)>", "--><b>"}
	}
	return []string{"<script", "<img", "<x/>", "onerror=alert(1)>", "<b>"}
}

// harmless checks one report made from hostile strings.
func harmless(t *testing.T, name, text string) {
	t.Helper()
	for _, r := range strings.ReplaceAll(text, "\n", "") {
		if r == utf8.RuneError || !strconv.IsGraphic(r) {
			t.Errorf("%s has a raw %U", name, r)
		}
	}
	for _, bad := range live(name) {
		if strings.Contains(codeSpan.ReplaceAllString(text, ""), bad) {
			t.Errorf("%s has a live %q", name, bad)
		}
	}
	switch name {
	case bundle.JUnitXML:
		wellFormed(t, text)
	case bundle.SummaryMD:
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "| ") && strings.Count(line, "|") != 9 {
				t.Errorf("table row has other cells: %s", line)
			}
			if strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "# Run ") {
				t.Errorf("a heading was smuggled in: %s", line)
			}
		}
	}
}

// wellFormed parses XML and counts its test cases.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	cases := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("junit.xml is not well-formed: %v", err)
		}
		if el, ok := tok.(xml.StartElement); ok && el.Name.Local == "testcase" {
			cases++
		}
	}
	if cases != 4 {
		t.Errorf("junit.xml has %d test cases, want 4", cases)
	}
}

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"plain text, 3 of 4.": "plain text, 3 of 4.",
		"# h":                 `\# h`,
		"1. x":                `1\. x`,
		"- x":                 `\- x`,
		"a|b":                 `a\|b`,
		"http://x":            `http\://x`,
		"\x1b[2J":             `\\x1b\[2J`,
	} {
		if got := markdown(in); got != want {
			t.Errorf("markdown(%q) = %q, want %q", in, got, want)
		}
	}
	if got := code("a`b|c"); got != "`a'b¦c`" {
		t.Errorf("code: %s", got)
	}
}

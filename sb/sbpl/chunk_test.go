package sbpl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A file of testdata holds profiles between lines of ---. In each,
//
//	;! REGEX       an error is expected on this line
//	;~ CODE        a warning is expected on this line
//	;? OPERATION [FACT=VALUE]... [-ABSENT]... => ACTION [@LINE:COL|@default|@system] [at OPERATION]
//	;= release=R param:K=V import=DIR ent:NAME=VALUE
//
// @LINE:COL counts in the chunk. Errors and warnings that are not expected fail,
// as do expected ones that do not come.
func TestChunks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sb")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	decisions := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line := 1
		for i, chunk := range strings.Split(string(text), "\n---\n") {
			c := &chunkTest{name: fmt.Sprintf("%s#%d (line %d)", filepath.Base(file), i+1, line), src: chunk}
			line += strings.Count(chunk, "\n") + 2
			t.Run(c.name, c.run)
			decisions += c.decided
		}
	}
	t.Logf("%d decisions in %d files", decisions, len(files))
}

type chunkTest struct {
	name, src string
	decided   int
}

var asked = regexp.MustCompile(`^;\? (\S+)(.*) => (\S+)(?: @(\d+:\d+|default|system))?(?: at (\S+))?$`)

func (c *chunkTest) run(t *testing.T) {
	opts := Options{Name: "c.sb", Release: "10.15", Params: map[string]string{}, MaxSteps: 400_000, MaxMemory: 16 << 20}
	process := &Process{}
	wantErrors, wantWarnings := map[int]string{}, map[string]bool{}
	var questions []string
	for i, l := range strings.Split(c.src, "\n") {
		if at := strings.Index(l, ";! "); at >= 0 {
			wantErrors[i+1] = strings.TrimSpace(l[at+3:])
		}
		if at := strings.Index(l, ";~ "); at >= 0 {
			for _, code := range strings.Fields(l[at+3:]) {
				wantWarnings[fmt.Sprintf("%d %s", i+1, code)] = true
			}
		}
		if at := strings.Index(l, ";? "); at >= 0 {
			questions = append(questions, strings.TrimSpace(l[at:]))
		}
		if s, ok := strings.CutPrefix(l, ";= "); ok {
			setting(t, s, &opts, process)
		}
	}
	p, err := Compile([]byte(c.src), opts)
	c.errors(t, err, wantErrors)
	if err != nil {
		return
	}
	if len(wantWarnings) > 0 {
		got := map[string]bool{}
		for _, w := range p.Warnings() {
			key := fmt.Sprintf("%d %s", w.Pos.Line, w.Code)
			if got[key] = true; !wantWarnings[key] {
				t.Errorf("unexpected warning %s: %s", key, w.Message)
			}
		}
		for w := range wantWarnings {
			if !got[w] {
				t.Errorf("no warning %s", w)
			}
		}
	}
	for _, q := range questions {
		c.ask(t, p, q, process)
	}
}

// setting reads one line of ;=.
func setting(t *testing.T, s string, opts *Options, process *Process) {
	for _, f := range strings.Fields(s) {
		k, v, _ := strings.Cut(f, "=")
		switch kind, name, _ := strings.Cut(k, ":"); kind {
		case "release":
			opts.Release = v
		case "param":
			opts.Params[name] = v
		case "import":
			opts.ImportRoots = append(opts.ImportRoots, v)
		case "fold":
			opts.FoldCase = true
		case "ent":
			if process.Entitlements == nil {
				process.Entitlements = map[string]any{}
			}
			process.Entitlements[name] = v
			if v == "true" || v == "false" {
				process.Entitlements[name] = v == "true"
			}
			if list := strings.Split(v, ","); len(list) > 1 {
				process.Entitlements[name] = list
			}
		default:
			t.Fatalf("unknown setting %q", f)
		}
	}
}

func (c *chunkTest) errors(t *testing.T, err error, want map[int]string) {
	var list Errors
	if e := (*Error)(nil); !errors.As(err, &list) && errors.As(err, &e) {
		list = Errors{e}
	}
	for _, e := range list {
		re, ok := want[e.Pos.Line]
		if !ok || e.Pos.File != "c.sb" {
			t.Errorf("unexpected error: %v", e)
			continue
		}
		if m, merr := regexp.MatchString(re, e.Error()); merr != nil || !m {
			t.Errorf("line %d: %v does not match %q (%v)", e.Pos.Line, e, re, merr)
		}
		if !strings.Contains(e.Snippet, "^") {
			t.Errorf("%v has no snippet", e)
		}
		delete(want, e.Pos.Line)
	}
	for line, re := range want {
		t.Errorf("no error on line %d, want %q", line, re)
	}
}

func (c *chunkTest) ask(t *testing.T, p *Policy, line string, process *Process) {
	m := asked.FindStringSubmatch(line)
	if m == nil {
		t.Errorf("cannot read %q", line)
		return
	}
	q := Query{Operation: m[1]}
	if process.Entitlements != nil {
		q.Process = process
	}
	for _, f := range strings.Fields(m[2]) {
		if name, ok := strings.CutPrefix(f, "-"); ok {
			q.Absent = append(q.Absent, name)
			continue
		}
		fact, err := ParseFilter(strings.ReplaceAll(f, "%20", " "))
		if err != nil {
			t.Error(err)
			return
		}
		q.Filters = append(q.Filters, fact)
	}
	d := compare(t, p, q)
	c.decided++
	at := fmt.Sprintf("%d:%d", d.Rule.Line, d.Rule.Col)
	if d.Provenance() != FromProfile {
		at = string(d.Provenance())
	}
	if d.Err != nil || d.Action.String() != m[3] || m[4] != "" && at != m[4] || m[5] != "" && d.Operation != m[5] {
		t.Errorf("%s: %s @%s at %s missing %v (%v)", line, d.Action, at, d.Operation, d.Missing, d.Err)
	}
}

// TestMeasured: the cases that were measured on real systems.
func TestMeasured(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(shared, "measured_cases.tsv"))
	if err != nil {
		t.Skipf("the measured cases are not on this machine (testdata/measured.sb has them too): %v", err)
	}
	n, agree := 0, 0
	for i, l := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(l, "\t")
		if i == 0 || len(f) < 4 {
			continue
		}
		n++
		p, err := Compile([]byte(f[0]), Options{Name: "case"})
		if err != nil {
			t.Errorf("case %d: %v", i, err)
			continue
		}
		q := Query{Operation: f[1]}
		switch {
		case f[2] == "":
		case f[1] == "signal" || strings.HasPrefix(f[1], "process-info"):
			q.Filters = []Filter{{"target", f[2]}}
		default:
			q.Filters = []Filter{{"path", f[2]}}
		}
		if d := compare(t, p, q); d.Action.String() != f[3] {
			t.Errorf("case %d, %s %s %s: %s by %s, want %s (%s)", i, f[0], f[1], f[2], d.Action, d.RuleText, f[3], f[5])
		} else {
			agree++
		}
	}
	t.Logf("%d of %d measured cases agree", agree, n)
	if n == 0 {
		t.Error("no cases")
	}
}

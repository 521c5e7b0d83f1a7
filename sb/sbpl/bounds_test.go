package sbpl

import (
	"runtime"
	"strings"
	"testing"
)

// TestPatternsAreMemory: what a pattern grows to when it is first asked counts, not
// only its text.
func TestPatternsAreMemory(t *testing.T) {
	rule := `(allow sysctl-read (sysctl-name-regex #"` + strings.Repeat("a{900}", 40) + `"))`
	if _, err := Compile([]byte("(version 1)"+rule), Options{MaxMemory: 16 << 20}); err != nil {
		t.Errorf("36,000 places are refused: %v", err)
	}
	if _, err := Compile([]byte("(version 1)"+rule), Options{MaxMemory: 2 << 20}); err == nil || !strings.Contains(err.Error(), "bytes of data") {
		t.Errorf("36,000 places fit into 2 MiB: %v", err)
	}
}

// TestSpend: work that is refused is not done, and the answer is then unknown.
func TestSpend(t *testing.T) {
	const double = `(version 1)(deny default)(define (d x n) (if (= n 0) x (d (require-all x x) (- n 1))))`
	irregular, x := "", uint32(1)
	for range 4000 { // so that a set needs a new state for each byte
		x = x*1664525 + 1013904223
		irregular += string("ab"[x>>31])
	}
	tests := map[string]struct {
		src, value string
		least      int
	}{
		"filters one by one": {double + `(allow sysctl-read (require-not (d (require-not (sysctl-name "x")) 10)))`, "b", 1024},
		"states of a set":    {`(version 1)(deny default)(allow sysctl-read (sysctl-name-regex #"(a|b)*a(a|b){14}c"))`, irregular, 40_000},
		"a pattern by itself": {`(version 1)(deny default)(allow sysctl-read (require-not (sysctl-name-regex #"(a|b)*a(a|b){14}c")))`,
			irregular, 40_000},
	}
	for name, tt := range tests {
		took := Effort{}
		p, err := Compile([]byte(tt.src), Options{Took: &took})
		if err != nil || took.Steps == 0 || took.Memory == 0 {
			t.Fatalf("%s: %+v, %v", name, took, err)
		}
		q := Query{Operation: "sysctl-read", Filters: []Filter{{"sysctl-name", tt.value}}}
		want, spent := p.Decide(q), 0
		q.Spend = func(work int) bool { spent += work; return true }
		if got := p.Decide(q); got.Action != want.Action || got.Rule != want.Rule {
			t.Errorf("%s: %v with a counter, %v without", name, got.Action, want.Action)
		}
		fresh, _ := Compile([]byte(tt.src), Options{}) // no state was made yet
		spent, calls, after := 0, 0, 0
		q.Spend = func(work int) bool {
			spent += work
			if calls++; spent > tt.least/2 {
				after++
			}
			return spent <= tt.least/2
		}
		fresh.Decide(q)
		if after == 0 || after > 2 {
			t.Errorf("%s: %d of %d requests for work after it was refused, %d spent", name, after, calls, spent)
		}
	}
}

// TestErrorSearchesLittle: the search for an unset parameter in the form that
// failed ends, also when the form is a tree of 10^9 lists that share their parts.
func TestErrorSearchesLittle(t *testing.T) {
	const wide = "(version 1)(define (wide x n) (if (= n 0) x (wide (list x x x x x x x x x x) (- n 1))))"
	_, err := Compile([]byte(wide+"(eval (list car (list 'quote (wide 1 9)) 1))"), Options{})
	if err == nil || !strings.Contains(err.Error(), "car: too many arguments") {
		t.Error(err)
	}
}

// TestTextsAreMemory: the text of a rule is kept. A profile of a few lines can
// make a long one, again and again.
func TestTextsAreMemory(t *testing.T) {
	const wide = "(version 1)(deny default)(define (wide x n) (if (= n 0) x (wide (list x x x x) (- n 1))))" +
		"(define w (wide 1 10))(define (twice l n) (if (= n 0) l (twice (append l l) (- n 1))))(define f (literal \"/a\"))"
	for name, rule := range map[string]string{
		"a quoted list": `(define rule (list 'allow 'lsopen (list 'with 'user-approval (list 'quote w))))
			(let loop () (eval rule) (loop))`,
		"a form":       `(define rule (list 'allow (list 'begin (list 'quote w) 'lsopen))) (let loop () (eval rule) (loop))`,
		"many filters": `(define l (cons file-read* (twice (list f) 10))) (let loop () (apply allow l) (loop))`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Compile([]byte(wide+rule), Options{Release: "10.15", MaxMemory: 2 << 20})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "bytes of data") {
			t.Errorf("%s: %v", name, err)
		}
		if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 128 {
			t.Errorf("%s: %d MiB until 2 MiB were counted", name, made)
		}
	}
	p, err := Compile([]byte(wide+"(apply allow file-read* (twice (list f) 15))"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := p.Decide(Query{Operation: "file-read-data", Filters: []Filter{{"path", "/a"}}})
	if d.Err != nil || d.Action != Allow || len(d.RuleText) > maxText+8192 {
		t.Errorf("%v, %v: the text of the rule has %d bytes", d.Action, d.Err, len(d.RuleText))
	}
}

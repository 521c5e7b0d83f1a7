package sbpl

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// seeds are profiles that reach every part of the compiler.
var seeds = []string{
	`(version 1)(deny default)(allow file-read* (literal "/a") (subpath "/b") (regex #"^/c/[^/]+$") (prefix "/d"))(deny file-read* (subpath "/b/c"))`,
	`(version 1)(allow default)(deny sysctl-read (sysctl-name-prefix "kern."))(allow sysctl-read (sysctl-name "kern.ostype") (with report))`,
	`(version 1)(deny default)(allow file-read-data (require-all (subpath "/x") (require-not (literal "/x/y")) (vnode-type REGULAR-FILE)))`,
	`(version 1)(deny default)(allow network-outbound (remote tcp "localhost:80") (remote unix-socket) (remote ip))(deny signal (target others))`,
	`(version 1)(deny default)(allow mach-lookup (global-name "a.b") (require-entitlement "x" (entitlement-value "y")))(allow file* (file-mode #o4))`,
	"(version 1)(define (f . l) (for-each (lambda (x) (allow file-read* (literal x))) l))(f \"/a\" \"/b\")(let loop ((i 0)) (if (< i 9) (loop (+ i 1))))",
	"(version 1)(macro (m form) `(begin ,@(cdr form)))(m (allow signal))(with-filter (extension \"e\") (deny file-read* (literal \"/z\")))",
	`(version 3)(deny default (with no-log))(allow process-exec* (literal "/bin/sh") (with no-sandbox))(deny process-info* (with send-signal SIGKILL))`,
	`(version 1)(define x (cons-stream 1 (force (delay 2))))(call/cc (lambda (k) (k 1)))(catch 0 (throw 1))(cond-expand (else 1))(eval '(allow lsopen))`,
	`(version 1)(allow file-read* (literal (string-append "/a" (param "P"))) (path-ancestors "/q/r/s"))(do ((i 0 (+ i 1))) ((= i 3)) (list i))`,
	`(version 1)(allow file-read* (regex #"^[-\w.]+$"))(set! allow deny)(allow file-write* (subpath "/"))(define literal subpath)(deny file-read* (literal "/"))`,
}

// small are limits under which whatever a profile does ends soon.
func small(name string) Options {
	return Options{Name: name, Params: map[string]string{"P": "/p"}, MaxSteps: 100_000, MaxMemory: 4 << 20}
}

// FuzzCompile: no text makes the compiler panic, hang, or refuse without a
// place that lies in the text.
func FuzzCompile(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, uint8(i))
	}
	releases := []string{"", "10.9", "10.10", "10.12", "10.15"}
	f.Fuzz(func(t *testing.T, src string, release uint8) {
		opts := small("fuzz.sb")
		opts.Release = releases[int(release)%len(releases)]
		began := time.Now()
		p, err := Compile([]byte(src), opts)
		if took := time.Since(began); took > time.Minute {
			t.Fatalf("%q took %v", src, took)
		}
		if err == nil {
			p.Warnings()
			p.Rules()
			return
		}
		var list Errors
		if e := (*Error)(nil); !errors.As(err, &list) && errors.As(err, &e) {
			list = Errors{e}
		}
		if len(list) == 0 {
			t.Fatalf("%q: %v is no error of a profile", src, err)
		}
		for _, e := range list {
			lines := strings.Count(src, "\n") + 1
			if e.Pos.Line < 1 || e.Pos.Line > lines && e.Pos.File == "fuzz.sb" || e.Msg == "" || strings.Contains(e.Msg, "BUG") {
				t.Fatalf("%q: %v, at %+v", src, e, e.Pos)
			}
		}
	})
}

// FuzzDecide: with and without indexes a policy gives the same answer, with the
// same rule, and points at a place.
func FuzzDecide(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "file-read-data", "path", "/b/c/d", "vnode-type", "REGULAR-FILE")
		f.Add(s, "sysctl-read", "sysctl-name", "kern.x", "target", "others")
		f.Add(s, "network-outbound", "remote", "tcp4 127.0.0.1:80", "extension", "e")
	}
	f.Fuzz(func(t *testing.T, src, op, name1, value1, name2, value2 string) {
		p, err := Compile([]byte(src), small("fuzz.sb"))
		if err != nil {
			return
		}
		for _, q := range []Query{
			{Operation: op},
			{Operation: op, Filters: []Filter{{name1, value1}}},
			{Operation: op, Filters: []Filter{{name1, value1}, {name2, value2}, {name1, value2}}},
			{Operation: op, Filters: []Filter{{name1, value1}}, Absent: []string{name2}, Process: &Process{Entitlements: map[string]any{value2: true}}},
		} {
			compare(t, p, q)
		}
	})
}

// compare asks with and without indexes.
func compare(t *testing.T, p *Policy, q Query) Decision {
	t.Helper()
	fast := p.Decide(q)
	slow, tried := p.Explain(q)
	if fast.Err != nil {
		if slow.Err == nil {
			t.Fatalf("%+v: %v with indexes only", q, fast.Err)
		}
		return fast
	}
	if !reflect.DeepEqual(fast, slow) {
		t.Fatalf("%+v:\nwith indexes    %+v\nwithout indexes %+v", q, fast, slow)
	}
	if fast.RuleText == "" || len(tried) == 0 || (fast.Rule.Line > 0) != (fast.Provenance() == FromProfile) {
		t.Fatalf("%+v: %+v points nowhere", q, fast)
	}
	for _, entry := range tried {
		if (entry.Rule != Pos{}) != (entry.Provenance == FromProfile) {
			t.Fatalf("%+v: tried %+v", q, entry)
		}
	}
	return fast
}

package sbpl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestConcurrent: a policy is asked from many goroutines while its indexes and
// automata are still being made.
func TestConcurrent(t *testing.T) {
	p, err := Compile([]byte(rulesProfile(200)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				want, path := Deny, fmt.Sprintf("/private/var/folders/%d%d/nothing", g, i)
				if i%2 == 0 {
					want, path = Allow, fmt.Sprintf("/private/var/folders/%d/x%d", i, 3+i%192/4*4)
				}
				if d := p.Decide(Query{Operation: "file-read-data", Filters: []Filter{{"path", path}}}); d.Action != want {
					t.Errorf("%s: %s by %s, want %s", path, d.Action, d.RuleText, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestImports: cycles are named, links do not lead out of a root, pipes and
// large files are refused.
func TestImports(t *testing.T) {
	if _, err := Compile([]byte(`(version 1)(import "a.inc")`), Options{ImportRoots: []string{"testdata/imports"}}); err == nil ||
		!strings.Contains(err.Error(), "import cycle: testdata/imports/a.inc imports testdata/imports/b.inc imports testdata/imports/a.inc") {
		t.Errorf("a cycle: %v", err)
	}
	root, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret.sb")
	for path, text := range map[string]string{secret: "(allow lsopen)", filepath.Join(root, "in.sb"): "(allow lsopen)", filepath.Join(root, "big.sb"): strings.Repeat(" ", maxImport+1)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(secret, filepath.Join(root, "link.sb")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"link.sb": "escapes", "big.sb": "longer than", ".": "not a regular file", secret: "outside of the import directories"} {
		_, err := Compile(fmt.Appendf(nil, "(version 1)(import %q)", name), Options{ImportRoots: []string{root}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("import %q: %v, want an error with %q", name, err, want)
		}
	}
	p, err := Compile([]byte(`(version 1)(import "in.sb")(if (open-input-file "none.sb") (error "there"))`), Options{ImportRoots: []string{outside, root}})
	if err != nil || len(p.Imports()) != 1 || p.Imports()[0].Path != filepath.Join(root, "in.sb") {
		t.Errorf("%v, %+v", err, p)
	}
	d := p.Decide(Query{Operation: "lsopen"})
	if d.Rule.File != filepath.Join(root, "in.sb") || d.Via.Line != 1 || d.Via.Col != 12 {
		t.Errorf("the rule stands at %v, led to by %v", d.Rule, d.Via)
	}
	if _, err := Compile([]byte(`(version 1)(import "in.sb")`), Options{ImportRoots: []string{root}, Params: map[string]string{"IMPORT_DIR": outside}}); err == nil {
		t.Error("IMPORT_DIR does not take the place of the roots")
	}
}

// TestHostile: what grows, nests or loops without end is refused, soon and with
// a place.
func TestHostile(t *testing.T) {
	oneThread(t)
	for _, src := range []string{
		strings.Repeat("(", 1_000_000),
		"(version 1)" + strings.Repeat("'", 100_000) + "a",
		"(version 1)(define l '()) (let loop () (set! l (cons l l)) (loop))",
		"(version 1)(define l '()) (do ((i 0 (+ i 1))) ((= i 200000)) (set! l (list l))) (equal? l (list l)) (flatten l)",
		"(version 1)(define l '()) (do ((i 0 (+ i 1))) ((= i 200000)) (set! l (list l))) (eval (list 'quasiquote l))",
		"(version 1)(define f (literal \"/a\")) (let loop () (set! f (require-all f f)) (loop))",
		"(version 1)(define s \"0123456789\") (let loop () (set! s (string-append s s)) (loop))",
		"(version 1)(let loop () (allow file-read* (literal \"/a\")) (loop))",
		"(version 1)(define (f x) (f (f x))) (f 1)",
		"(version 1)(macro (m x) '(m)) (m)",
		"(version 1)(define k (call/cc (lambda (k) k))) (k 1)",
		"(version 1)(allow file-read* (regex \"((((a{100}){100}){100}){100})\"))",
		"(version 1)(allow file-read* (regex \"" + strings.Repeat("(", 2000) + "\"))",
	} {
		_, err := Compile([]byte(src), Options{MaxSteps: 1_000_000, MaxMemory: 32 << 20})
		var e *Error
		if !errors.As(err, &e) || e.Pos.Line == 0 {
			t.Errorf("%.60q: %v", src, err)
		}
	}
}

// TestConfidence: a decision that rests on an entry nobody verified says so.
func TestConfidence(t *testing.T) {
	for _, c := range []struct{ release, version, op, want string }{
		{"26", "1", "file-write-data", "carried"}, // by way of default
		{"26", "1", "file-map-executable", "measured"},
		{"26", "1", "syscall-mach", "inferred"},
		{"26", "1", "system-fcntl", "published"},
		{"26", "2", "file-map-executable", "carried"}, // goes on with file* and default
		{"26", "2", "nvram-get", "inferred"},          // version 1 opens it; of version 2 nothing was seen
		{"26", "1", "lsopen", "exact"},                // the profile names it
		{"10.15", "1", "file-write-data", "exact"},
		{"10.11", "1", "file-write-data", "inferred"},
	} {
		p, err := Compile([]byte("(version "+c.version+")(allow lsopen)"), Options{Release: c.release})
		if err != nil {
			t.Fatal(err)
		}
		d := p.Decide(Query{Operation: c.op})
		if d.Confidence != c.want || d.Unverified != (c.want != "exact" && c.want != "measured") || d.Unverified != (d.Reason != "") {
			t.Errorf("%v: %s, unverified %v, because %q", c, d.Confidence, d.Unverified, d.Reason)
		}
	}
}

// TestProcessFacts: what is known of the caller, and known not to be.
func TestProcessFacts(t *testing.T) {
	p, err := Compile([]byte(`(version 1)(deny default)
		(allow lsopen (process-path "/bin/x"))
		(allow job-creation (process-attribute is-plugin))
		(allow boot-arg-set (uid 0))
		(allow hid-control (signing-identifier "com.x"))
		(allow fs-rename (extension "e"))
		(allow pseudo-tty (system-attribute apple-internal))`), Options{Release: "10.15"})
	if err != nil {
		t.Fatal(err)
	}
	root := 0
	known := &Process{Path: "/bin/x", SigningID: "com.x", UID: &root, Attributes: []string{"is-plugin"}, Extensions: []string{"e"}}
	none := &Process{Path: "/bin/y", SigningID: "com.y", UID: new(int), Attributes: []string{}, Extensions: []string{}}
	*none.UID = 501
	for _, op := range []string{"lsopen", "job-creation", "boot-arg-set", "hid-control", "fs-rename"} {
		for process, want := range map[*Process]Action{known: Allow, none: Deny, nil: Unknown} {
			if d := p.Decide(Query{Operation: op, Process: process}); d.Action != want {
				t.Errorf("%s of %+v: %s, want %s", op, process, d.Action, want)
			}
		}
	}
	if d := p.Decide(Query{Operation: "pseudo-tty"}); d.Action != Deny {
		t.Errorf("a system attribute that is not given holds: %s", d.Action)
	}
}

// oneThread leaves a test out under -short, which goes with the race detector in
// `make test`: nothing of it runs side by side.
func oneThread(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("run without -short")
	}
}

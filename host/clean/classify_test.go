package clean

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/hrhost/hrhost/internal/pages"
)

func TestBootstrapKinds(t *testing.T) {
	for code, want := range map[int]Kind{
		1: NotPermitted, 5: BootstrapFailed, 37: BootstrapFailed, 64: BootstrapFailed, 107: PlistInvalid, 109: PlistInvalid, 111: PlistInvalid,
		112: DomainMismatch, 119: BootstrapFailed, 122: NotPermitted, 125: DomainMismatch, 134: DomainMismatch, 150: NotPermitted, 155: Quarantined,
	} {
		if got := kindOfBootstrap(code); got != want {
			t.Errorf("%d is %s, want %s", code, got, want)
		}
	}
}

func TestReadPrint(t *testing.T) {
	for _, c := range []struct {
		text string
		want printed
		over bool
	}{
		{"gui/501/x = {\n\tactive count = 1\n\tstate = running\n\truns = 1\n\tpid = 42\n\tlast exit code = (never exited)\n\tresource coalition = {\n\t\tstate = active\n\t}\n}\n",
			printed{state: "running"}, false},
		{"gui/501/x = {\n\tstate = not running\n\truns = 1\n\tlast exit code = 78: EX_CONFIG\n}\n", printed{state: "not running", exit: "78: EX_CONFIG"}, true},
		{"gui/501/x = {\n\tstate = spawn scheduled\n\tjob state = spawn failed\n}\n", printed{state: "spawn failed"}, true},
		{"gui/501/x = {\n\tstate = not running\n\tlast terminating signal = Killed: 9\n\tlast exit reason = OS_REASON_CODESIGNING\n}\n",
			printed{state: "not running", signal: "Killed: 9", reason: "OS_REASON_CODESIGNING"}, true},
		{"gui/501/x = {\n\tjob state = exited\n\tenvironment = {\n\t\tlast exit code = 3\n\t}\n}\n", printed{}, false},
		{"", printed{}, false},
	} {
		if got := readPrint(c.text); got != c.want || got.over() != c.over {
			t.Errorf("%q: %+v, over %v", c.text, got, got.over())
		}
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name string
		left leftovers
		code int
		kind Kind
		says string
	}{
		{"as expected", leftovers{status: "0\n", hasStatus: true, begun: true}, 0, "", ""},
		{"mismatches", leftovers{status: "1\n", hasStatus: true, begun: true}, 1, "", ""},
		{"refused before it received the request", leftovers{status: "2\n", hasStatus: true}, 2, "", ""},
		{"segmentation fault", leftovers{status: "139\n", hasStatus: true, begun: true}, 0, Died, "segmentation fault"},
		{"killed in the middle", leftovers{status: "137\n", hasStatus: true, begun: true}, 0, Died, "killed"},
		{"killed at once", leftovers{status: "137\n", hasStatus: true}, 0, BadSignature, ""},
		{"killed at once, downloaded", leftovers{status: "137\n", hasStatus: true, quarantined: true}, 0, Quarantined, ""},
		{"killed in the middle, downloaded", leftovers{status: "137\n", hasStatus: true, begun: true, quarantined: true}, 0, Died, "killed"},
		{"in Documents", leftovers{status: "126\n", hasStatus: true, stderr: "a\nsh: hrhost: Operation not permitted\n"}, 0, Protected, "sh: hrhost: Operation not permitted"},
		{"a text file", leftovers{status: "126\n", hasStatus: true, stderr: "sh: hrhost: cannot execute\n"}, 0, NotStarted, "cannot execute"},
		{"gone", leftovers{status: "127\n", hasStatus: true, stderr: "sh: hrhost: not found\n"}, 0, NotStarted, "not found"},
		{"empty", leftovers{status: "", hasStatus: true, begun: true}, 0, NoResult, `""`},
		{"half", leftovers{status: "1x", hasStatus: true, begun: true}, 0, NoResult, `"1x"`},
		{"negative", leftovers{status: "-1\n", hasStatus: true, begun: true}, 0, NoResult, "-1"},
		{"too large", leftovers{status: "256\n", hasStatus: true, begun: true}, 0, NoResult, "256"},
		{"none", leftovers{begun: true}, 0, NoResult, "its shell ended"},
		{"none, and hrhost never ran", leftovers{}, 0, SpawnFailed, "before hrhost began"},
		{"none, and no room", leftovers{begun: true, full: true}, 0, StageFull, "could not be written"},
		{"empty, and no room", leftovers{hasStatus: true, begun: true, full: true}, 0, StageFull, "could not be written"},
		{"whole, and no room", leftovers{status: "1\n", hasStatus: true, begun: true, full: true}, 1, "", ""},
	} {
		got := c.left.judge()
		switch {
		case (got.failure == nil) != (c.kind == ""), got.code != c.code:
			t.Errorf("%s: %+v", c.name, got)
		case got.failure != nil && (got.failure.Kind != c.kind || !strings.Contains(got.failure.Error(), c.says)):
			t.Errorf("%s: %s: %v", c.name, got.failure.Kind, got.failure)
		}
	}
}

// TestLearn: launchd's word completes a failure, and makes no new one of it.
func TestLearn(t *testing.T) {
	exited := printed{state: "not running", exit: "78: EX_CONFIG"}
	for _, c := range []struct {
		f    Failure
		p    printed
		want Failure
	}{
		{Failure{Kind: SpawnFailed}, exited, Failure{Kind: SpawnFailed, Cause: "launchd: state not running, exit code 78: EX_CONFIG"}},
		{Failure{Kind: Died, Cause: "signal: killed"}, printed{signal: "Killed: 9"}, Failure{Kind: Died, Cause: "signal: killed; launchd: signal Killed: 9"}},
		{Failure{Kind: NeverBegan}, printed{reason: "OS_REASON_CODESIGNING"}, Failure{Kind: BadSignature, Cause: "launchd: reason OS_REASON_CODESIGNING"}},
		{Failure{Kind: Died}, printed{reason: "OS_REASON_CODESIGNING"}, Failure{Kind: Died, Cause: "launchd: reason OS_REASON_CODESIGNING"}},
		{Failure{Kind: StageFull, Cause: "x"}, exited, Failure{Kind: StageFull, Cause: "x"}},
		{Failure{Kind: NoResult}, printed{}, Failure{Kind: NoResult}},
	} {
		got := c.f
		got.learn(c.p)
		if got != c.want {
			t.Errorf("%+v and %+v: %+v", c.f, c.p, got)
		}
	}
}

// TestSentences: every kind has one, and it reads like all of hrhost's errors.
func TestSentences(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		s := (&Failure{Kind: k.kind}).Error()
		if seen[s] || seen[string(k.kind)] || k.when == "" {
			t.Errorf("%s: %q", k.kind, s)
		}
		seen[s], seen[string(k.kind)] = true, true
		first := []rune(s)[0]
		if unicode.IsUpper(first) && !strings.HasPrefix(s, "macOS") || strings.HasSuffix(s, ".") || strings.ContainsAny(s+k.hint+k.when, "|\n") {
			t.Errorf("%s: %q", k.kind, s)
		}
	}
	if got := (*Failure)(nil).and(os.ErrExist); got.Kind != Left {
		t.Errorf("%+v", got)
	}
	if got := (&Failure{Kind: Died, Cause: "x"}).and(os.ErrExist).Error(); got != "the process that did the run was ended: x; and what could not be removed: file already exists" {
		t.Errorf("%q", got)
	}
}

// TestDocument keeps the table of docs/clean.md as Table writes it.
func TestDocument(t *testing.T) {
	pages.Part{
		Path:  "../../docs/clean.md",
		Begin: "<!-- failures: written by `go test ./host/clean -update` -->\n", End: "<!-- end of failures -->\n",
	}.Holds(t, Table(), *update, "go test ./host/clean -run TestDocument -update")
}

package clean

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzReadPrint(f *testing.F) {
	f.Add("gui/501/x = {\n\tstate = not running\n\tlast exit code = 78: EX_CONFIG\n\tjob state = spawn failed\n}\n")
	f.Add("\t\tstate = a\n = \n\tstate = \n")
	f.Fuzz(func(t *testing.T, text string) {
		p := readPrint(text)
		for _, s := range []string{p.state, p.exit, p.signal, p.reason} {
			if strings.Contains(s, "\n") || !strings.Contains(text, s) {
				t.Errorf("%+v", p)
			}
		}
	})
}

// FuzzJudge: whatever a job leaves, its end is an exit code or a failure, and a
// signal is no exit code.
func FuzzJudge(f *testing.F) {
	f.Add("0\n", true, true, "", false, false)
	f.Add("137\n", true, false, "a\nb", false, true)
	f.Fuzz(func(t *testing.T, status string, has, begun bool, stderr string, full, quarantined bool) {
		e := leftovers{status, has, begun, stderr, full, quarantined}.judge()
		if e.failure == nil && (!has || e.code < 0 || e.code > shellSignal) {
			t.Errorf("%+v", e)
		}
		if e.failure != nil && (e.code != 0 || strings.Contains(e.failure.Cause, "\n")) {
			t.Errorf("%+v", e.failure)
		}
	})
}

func FuzzLife(f *testing.F) {
	f.Add([]byte("shell 12\nworker 13\n"))
	f.Add([]byte("shell \nshell -1\nworker"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := &life{text: text}
		for _, name := range []string{"shell", "worker"} {
			if pid := l.pid(name); pid < 0 || pid != 0 && !bytes.Contains(text, []byte(name+" ")) {
				t.Errorf("%q: %s is %d", text, name, pid)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"dir":"/","paths":["/a"],"payload":{"Act":"fail"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var got task
		if e, err := decode(bytes.NewReader(text), &got); err == nil && len(e.Payload) == 0 {
			t.Errorf("%q is no request", text)
		}
	})
}

package bus

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLastWords: the error about a process that does not get ready has all that it
// wrote to stderr, also what came after the end of its stdout.
func TestLastWords(t *testing.T) {
	b := &Buses{start: (*exec.Cmd).Start}
	defer b.Close()
	_, err := b.run(t.Context(), exec.Command("/bin/sh", "-c", "trap '' TERM; echo one >&2; exec >&-; /bin/sleep 0.2; echo two >&2"))
	if err == nil || !strings.HasSuffix(err.Error(), "/bin/sh did not get ready: it ended: one\ntwo") {
		t.Errorf("%v", err)
	}
}

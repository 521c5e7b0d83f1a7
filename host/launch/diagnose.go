package launch

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hrhost/hrhost/internal/text"
)

// diagnose guesses, in a sentence, why a process never shook hands. line is the
// first that it printed, "" for none.
func diagnose(p *Process, line string) string {
	var b strings.Builder
	patience := 3 * time.Second // its stdout has ended, so it is dying
	if line != "" {
		patience = 100 * time.Millisecond
	}
	e, ended := p.endedItself(patience)
	switch {
	case line != "":
		fmt.Fprintf(&b, "the plugin printed %q before the handshake; stdout is the protocol's, its own words belong on stderr",
			text.Clip(line, 80))
		if ended {
			fmt.Fprintf(&b, "; then it ended with %s", e)
		}
	case !ended:
		b.WriteString("the plugin runs but did not shake hands in time; it hangs at its start, or it is not a probe plugin")
	case e.Signal != 0:
		fmt.Fprintf(&b, "the plugin was %s before it was ready", e)
	case e.Code == 0:
		b.WriteString("the plugin exited before it was ready (go-plugin exits 0 when it cannot listen)")
	default:
		fmt.Fprintf(&b, "the plugin ended with %s before it was ready", e)
	}
	if last := p.LastLog(); last != "" {
		fmt.Fprintf(&b, "; on stderr: %q", last)
	}
	return b.String()
}

// maxLine bounds one line of a plugin's stdout; go-plugin reads the handshake
// there and drops the rest.
const maxLine = 16 << 10

// handshakeFields are those of a handshake that are passed on: versions, network,
// address and protocol. The sixth is a certificate for a TLS that is not spoken here,
// on which go-plugin, which was not asked for TLS, ends the host with a panic.
const handshakeFields = 5

// firstLine passes the first line on, cut at maxLine and to the fields of a
// handshake, and drops the rest of the stream while reading it, so that a plugin that
// floods stdout neither blocks nor fills our memory. note gets the line before
// anybody else does.
func firstLine(r io.Reader, note func(string)) io.Reader {
	pr, pw := io.Pipe()
	go func() {
		br := bufio.NewReaderSize(r, maxLine)
		line, err := br.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			line = append(line[:maxLine-1:maxLine-1], '\n')
		}
		note(strings.TrimSpace(string(line)))
		if f := bytes.Split(line, []byte("|")); len(f) > handshakeFields {
			line = append(bytes.Join(f[:handshakeFields], []byte("|")), '\n')
		}
		pw.Write(line)
		io.Copy(io.Discard, br)
		pw.Close()
	}()
	return pr
}

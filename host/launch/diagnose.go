package launch

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// diagnose guesses, in a sentence, why a process never shook hands.
func diagnose(p *Process) string {
	var b strings.Builder
	select {
	case <-p.Done():
		e := p.Wait()
		switch {
		case e.Signal != 0:
			fmt.Fprintf(&b, "the plugin was %s before it was ready", e)
		case e.Code == 0:
			b.WriteString("the plugin exited before it was ready (go-plugin exits 0 when it cannot listen)")
		default:
			fmt.Fprintf(&b, "the plugin ended with %s before it was ready", e)
		}
	case <-time.After(100 * time.Millisecond):
		b.WriteString("the plugin is running but did not shake hands: it printed something else first, or it is not a probe plugin")
	}
	if last := p.LastLog(); last != "" {
		fmt.Fprintf(&b, "; the last it wrote to stderr:\n%s", last)
	}
	return b.String()
}

// maxLine bounds one line of a plugin's stdout; go-plugin reads the handshake
// there and drops the rest.
const maxLine = 16 << 10

// firstLine passes the first line on, cut at maxLine, and drops the rest of the
// stream while reading it, so that a plugin that floods stdout neither blocks
// nor fills our memory.
func firstLine(r io.Reader) io.Reader {
	pr, pw := io.Pipe()
	go func() {
		br := bufio.NewReaderSize(r, maxLine)
		line, err := br.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			line = append(line[:maxLine-1:maxLine-1], '\n')
		}
		pw.Write(line)
		io.Copy(io.Discard, br)
		pw.Close()
	}()
	return pr
}

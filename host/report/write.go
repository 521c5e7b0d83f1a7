package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/hrhost/hrhost/host/bundle"
)

// Write renders summary.md, report.html and junit.xml into w's bundle, from the
// documents that are in it already: the manifest, the matrix, the preflight,
// the summary, and the closed documents of rows.
func Write(w *bundle.Writer) error {
	run, err := Collect(w.Dir())
	if err != nil {
		return fmt.Errorf("rendering reports: %w", err)
	}
	renderers := []struct {
		name   string
		render func(io.Writer, *Run) error
	}{
		{bundle.SummaryMD, Markdown}, {bundle.ReportHTML, HTML}, {bundle.JUnitXML, JUnit},
	}
	for _, r := range renderers {
		if err := into(w, r.name, func(out io.Writer) error { return r.render(out, run) }); err != nil {
			return fmt.Errorf("rendering %s: %w", r.name, err)
		}
	}
	return nil
}

// into writes one artifact through a buffer.
func into(w *bundle.Writer, name string, render func(io.Writer) error) error {
	f, err := w.File(name)
	if err != nil {
		return err
	}
	buf := bufio.NewWriterSize(f, 64<<10)
	err = render(buf)
	return errors.Join(err, buf.Flush(), f.Close())
}

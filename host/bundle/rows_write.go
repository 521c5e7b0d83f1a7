package bundle

import "fmt"

// ArrayWriter streams rows into a JSON document
// {schema_version, run_id, ..., results: [row, row, ...]}, one row a line.
// Append may be called by several goroutines; no row is kept in memory.
type ArrayWriter struct {
	f    *file
	rows int
}

// Array starts a document of rows. header holds further members of the document
// and must name world_id; it may be a map or a struct.
func (w *Writer) Array(name string, header any) (*ArrayWriter, error) {
	text, err := encode(header)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	if text, err = w.stamped(name, text); err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	f, err := w.create(name)
	if err != nil {
		return nil, err
	}
	f.end = "\n]}\n"
	_, err = f.Write(append(text[:len(text)-1], `,"results":[`...)) // in place of the last "}"
	return &ArrayWriter{f: f}, err
}

// Append adds one row.
func (a *ArrayWriter) Append(row any) error {
	text, err := rowText(a.f.name, row)
	if err != nil {
		return err
	}
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	lead := ",\n"
	if a.rows == 0 {
		lead = "\n"
	}
	if _, err := a.f.write(append([]byte(lead), text...)); err != nil {
		return err
	}
	a.rows++
	return nil
}

// Close ends the document. Commit closes what is still open.
func (a *ArrayWriter) Close() error { return a.f.Close() }

// LineWriter streams objects into a .jsonl document, one a line.
type LineWriter struct {
	w *Writer
	f *file
}

// Lines starts a .jsonl document.
func (w *Writer) Lines(name string) (*LineWriter, error) {
	if byName[name].Shape != Lines {
		return nil, fmt.Errorf("writing %q: not a document of lines", name)
	}
	f, err := w.create(name)
	if err != nil {
		return nil, err
	}
	return &LineWriter{w: w, f: f}, nil
}

// Append adds one object as a line. Its schema_version is put in when it has
// none and must be right when it has.
func (l *LineWriter) Append(row any) error {
	text, err := rowText(l.f.name, row)
	if err != nil {
		return err
	}
	_, err = l.f.Write(append(text, '\n'))
	return err
}

// rowText encodes a row as it stands in its document, without a line end.
func rowText(document string, row any) ([]byte, error) {
	text, err := encode(row)
	if err == nil && byName[document].Shape == Lines {
		text, err = stamp(text, field{"schema_version", SchemaOf(document)})
	}
	if err != nil {
		return nil, fmt.Errorf("writing a row of %s: %w", document, err)
	}
	return text, nil
}

// Close ends the document. Commit closes what is still open.
func (l *LineWriter) Close() error { return l.f.Close() }

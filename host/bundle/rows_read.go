package bundle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hrhost/hrhost/internal/text"
)

// errRowSize is what reading a row that is too long ends with.
var errRowSize = fmt.Errorf("row longer than %d bytes", MaxRow)

// ReadDocument decodes a whole JSON document of the bundle in dir, finished or
// being written, into v.
func ReadDocument(dir, name string, v any) error {
	root, err := OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer root.Close()
	text, err := root.ReadFile(name)
	if err == nil {
		err = CheckJSON(text)
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// ReadText reads a file of the bundle in dir that is no document: a profile.
func ReadText(dir, name string) ([]byte, error) {
	root, err := OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	defer root.Close()
	text, err := root.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return text, nil
}

// ReadRows calls f for each row of an array document or a .jsonl document of
// the bundle in dir, in file order, holding one row at a time. An error from f
// ends the reading and is returned.
func ReadRows[T any](dir, name string, f func(T) error) error {
	root, err := OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer root.Close()
	file, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer file.Close()
	_, err = StreamRows(name, file, func(_ int, text []byte) error {
		var row T
		if err := json.Unmarshal(text, &row); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		return f(row)
	})
	return err
}

// StreamRows calls f with the number (from 1) and text of each row of a document
// that is read from r. For an array document it also returns the document's text
// with an empty results. Every row has passed [CheckJSON] and is at most 16 MiB
// long; its text is valid until f returns. An error from f ends the reading and is
// returned.
func StreamRows(name string, r io.Reader, f func(n int, text []byte) error) (head []byte, err error) {
	checked := func(check func([]byte) error) func(int, []byte) error {
		return func(n int, text []byte) error {
			if err := check(text); err != nil {
				return fmt.Errorf("reading %s: row %d: %w", name, n, err)
			}
			return f(n, text)
		}
	}
	if byName[name].Shape == Lines {
		return nil, streamLines(name, r, checked(CheckJSON))
	}
	return streamArray(name, r, checked(checkParsed))
}

// streamLines reads one object a line.
func streamLines(name string, r io.Reader, f func(int, []byte) error) error {
	br := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for n := 1; ; {
		part, err := br.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > MaxRow {
			return fmt.Errorf("reading %s: line %d: %w", name, n, errRowSize)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF && len(line) > 0 {
			return fmt.Errorf("reading %s: line %d does not end", name, n)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if err := f(n, bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
		line, n = line[:0], n+1
	}
}

// budgetReader fails once more than left bytes were read since it was filled.
type budgetReader struct {
	r    io.Reader
	left int
}

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRowSize
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}

// streamArray reads {..., "results": [row, ...], ...}.
func streamArray(name string, r io.Reader, f func(int, []byte) error) ([]byte, error) {
	budget := &budgetReader{r: r, left: MaxRow}
	dec := json.NewDecoder(budget)
	head := map[string]json.RawMessage{}
	fail := func(err error) ([]byte, error) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if err := expect(dec, '{'); err != nil {
		return fail(err)
	}
	for dec.More() {
		budget.left = MaxRow
		tok, err := dec.Token()
		if err != nil {
			return fail(err)
		}
		key := tok.(string) // the decoder allows nothing else here
		if _, twice := head[key]; twice {
			return fail(fmt.Errorf("key %q twice in one object", text.Brief(key)))
		}
		if key == "results" {
			head[key] = json.RawMessage("[]")
			if own, err := streamResults(dec, budget, f); own {
				return nil, err
			} else if err != nil {
				return fail(err)
			}
			continue
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fail(err)
		}
		if err := checkParsed(raw); err != nil {
			return fail(err)
		}
		head[key] = raw
	}
	if err := expect(dec, '}'); err != nil {
		return fail(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fail(errors.New("text after the JSON value"))
	}
	return json.Marshal(head)
}

// streamResults reads the array of rows. own says that the error is f's.
func streamResults(dec *json.Decoder, budget *budgetReader, f func(int, []byte) error) (own bool, err error) {
	if err := expect(dec, '['); err != nil {
		return false, err
	}
	for n := 1; dec.More(); n++ {
		budget.left = MaxRow
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return false, err
		}
		if err := f(n, raw); err != nil {
			return true, err
		}
	}
	return false, expect(dec, ']')
}

// expect reads one delimiter.
func expect(dec *json.Decoder, want json.Delim) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok != want {
		return fmt.Errorf("want %q, got %v", want.String(), text.Brief(fmt.Sprint(tok)))
	}
	return nil
}

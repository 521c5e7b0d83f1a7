package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/internal/text"
)

// encode marshals v on one line without HTML escapes and checks that every
// reader will understand it alike.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimRight(buf.Bytes(), "\n")
	if err := checkParsed(text); err != nil {
		return nil, err
	}
	return text, nil
}

// field is one member of a JSON object, in the order of the text.
type field struct {
	name  string
	value string
}

// stamp returns object text that starts with the given string members. A
// member that the object has already must hold the same value; an empty one is
// filled in.
func stamp(object []byte, fields ...field) ([]byte, error) {
	var have map[string]json.RawMessage
	err := json.Unmarshal(object, &have)
	if err != nil || have == nil {
		return nil, fmt.Errorf("want a JSON object")
	}
	var head []field
	for _, f := range fields {
		raw, ok := have[f.name]
		if !ok || string(raw) == `""` {
			head = append(head, f)
			continue
		}
		var got string
		if err := json.Unmarshal(raw, &got); err != nil || got != f.value {
			return nil, fmt.Errorf("%s is %s, want %q", f.name, text.Brief(string(raw)), f.value)
		}
	}
	for _, f := range head {
		if _, ok := have[f.name]; ok {
			delete(have, f.name)
			if object, err = cut(object, f.name); err != nil {
				return nil, err
			}
		}
	}
	return prepend(object, head, len(have) == 0)
}

// cut takes a member out of an object's text and keeps the order of the rest.
func cut(text []byte, name string) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	for dec.More() {
		start := dec.InputOffset() // at the comma, or just inside the brace
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		if key != name {
			continue
		}
		before, after := text[:start], text[dec.InputOffset():]
		if start == 1 {
			after = bytes.TrimPrefix(after, []byte(","))
		}
		return slices.Concat(before, after), nil
	}
	return text, nil
}

// prepend puts string members before the first member of an object's text.
func prepend(text []byte, head []field, empty bool) ([]byte, error) {
	if len(head) == 0 {
		return text, nil
	}
	var buf bytes.Buffer
	buf.WriteByte('{')
	for i, f := range head {
		if i > 0 {
			buf.WriteByte(',')
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&buf, "%q:%s", f.name, value)
	}
	if !empty {
		buf.WriteByte(',')
	}
	open := bytes.IndexByte(text, '{')
	buf.Write(text[open+1:])
	return buf.Bytes(), nil
}

// indent lays a document out for people.
func indent(text []byte) ([]byte, error) {
	var buf bytes.Buffer
	if err := json.Indent(&buf, text, "", "  "); err != nil {
		return nil, err
	}
	buf.WriteByte('\n')
	return buf.Bytes(), nil
}

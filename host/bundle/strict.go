package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on JSON text. They are generous for what hrhost writes and keep a
// hostile bundle from costing more than it is worth.
const (
	maxDepth  = 64
	maxNumber = 1 << 53 // exclusive
	maxDoc    = 64 << 20
	maxRow    = 16 << 20
)

// CheckJSON reports whether text is one JSON value that every reader
// understands alike: UTF-8, no key twice in an object, no number at or beyond
// 2^53, nesting of at most 64.
func CheckJSON(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := checkValue(dec, 0); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("text after the JSON value")
	}
	return nil
}

// checkValue reads one value from dec and checks it.
func checkValue(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	tok, err := dec.Token()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Number:
		return checkNumber(string(tok))
	case json.Delim:
		if tok == '{' {
			return checkObject(dec, depth)
		}
		return checkArray(dec, depth)
	}
	return nil
}

// checkObject reads the rest of an object.
func checkObject(dec *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return errors.New("object key is not a string")
		}
		if seen[key] {
			return fmt.Errorf("key %q twice in one object", clip(key))
		}
		seen[key] = true
		if err := checkValue(dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// checkArray reads the rest of an array.
func checkArray(dec *json.Decoder, depth int) error {
	for dec.More() {
		if err := checkValue(dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// checkNumber refuses a number that a reader using doubles would round.
func checkNumber(s string) error {
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Abs(f) >= maxNumber {
			return fmt.Errorf("number %s is at or beyond 2^53", clip(s))
		}
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n >= maxNumber || n <= -maxNumber {
		return fmt.Errorf("number %s is at or beyond 2^53; write it as a string", clip(s))
	}
	return nil
}

// clip shortens text that goes into a message.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

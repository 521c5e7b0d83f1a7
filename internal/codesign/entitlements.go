package codesign

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"

	"howett.net/plist"
)

// Parse reads a blob of entitlements in either form. An empty dictionary is a
// list that is not nil.
func Parse(blob []byte) ([]Entitlement, error) {
	body, magic, err := readBlob(blob, headerSize)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading entitlements: %w", err)
	case len(body) != len(blob):
		return nil, fmt.Errorf("reading entitlements: %d bytes, the header says %d", len(blob), len(body))
	}
	var all map[string]any
	switch payload := blob[headerSize:]; magic {
	case magicXML:
		all, err = readXML(payload)
	case magicDER:
		all, err = readDER(payload)
	default:
		err = fmt.Errorf("unknown magic number %#x", magic)
	}
	if err != nil {
		return nil, fmt.Errorf("reading entitlements: %w", err)
	}
	return sorted(all), nil
}

// readXML reads a property list. The library knows other forms too, which a
// signature never has.
func readXML(payload []byte) (map[string]any, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(payload), []byte("<")) {
		return nil, errors.New("not an XML property list")
	}
	all := map[string]any{}
	if _, err := plist.Unmarshal(payload, &all); err != nil {
		return nil, err
	}
	return all, nil
}

// The tags of the DER form: [APPLICATION 16] { INTEGER 1, [CONTEXT 16] { a
// SEQUENCE of a name and a value, for each } }. A value that is a dictionary is a
// [CONTEXT 16] again. Source: indygreg/apple-platform-rs, which writes it as
// codesign(1) does. fact:world.entitlements
const dictionaryTag = 16

var errForm = errors.New("not in the DER form of entitlements")

func readDER(payload []byte) (map[string]any, error) {
	outer, rest, err := element(payload)
	if err != nil || len(rest) > 0 || outer.Class != asn1.ClassApplication || outer.Tag != dictionaryTag {
		return nil, errForm
	}
	var version int
	rest, err = asn1.Unmarshal(outer.Bytes, &version)
	if err != nil || version != 1 {
		return nil, errForm
	}
	dict, rest, err := element(rest)
	if err != nil || len(rest) > 0 || !isDictionary(dict) {
		return nil, errForm
	}
	return dictionary(dict.Bytes, 0)
}

func element(b []byte) (v asn1.RawValue, rest []byte, err error) {
	rest, err = asn1.Unmarshal(b, &v)
	return v, rest, err
}

func isDictionary(v asn1.RawValue) bool {
	return v.Class == asn1.ClassContextSpecific && v.Tag == dictionaryTag && v.IsCompound
}

// maxDepth is deeper than any entitlement.
const maxDepth = 16

func dictionary(b []byte, depth int) (map[string]any, error) {
	out := map[string]any{}
	for len(b) > 0 {
		pair, rest, err := element(b)
		if err != nil || pair.Class != asn1.ClassUniversal || pair.Tag != asn1.TagSequence {
			return nil, errForm
		}
		var name string
		text, err := asn1.UnmarshalWithParams(pair.Bytes, &name, "utf8")
		if err != nil {
			return nil, errForm
		}
		v, left, err := element(text)
		if err != nil || len(left) > 0 {
			return nil, errForm
		}
		if _, twice := out[name]; twice { // two readers could differ about which counts
			return nil, errForm
		}
		if out[name], err = value(v, depth+1); err != nil {
			return nil, err
		}
		b = rest
	}
	return out, nil
}

// value reads what stands behind a name.
func value(v asn1.RawValue, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errForm
	}
	if isDictionary(v) {
		return dictionary(v.Bytes, depth)
	}
	if v.Class != asn1.ClassUniversal {
		return nil, errForm
	}
	switch v.Tag {
	case asn1.TagBoolean:
		return simple[bool](v)
	case asn1.TagInteger:
		return simple[int64](v)
	case asn1.TagUTF8String:
		return simple[string](v)
	case asn1.TagOctetString:
		return simple[[]byte](v)
	case asn1.TagSequence:
		return array(v.Bytes, depth)
	}
	return nil, errForm
}

func simple[T any](v asn1.RawValue) (any, error) {
	var out T
	if _, err := asn1.Unmarshal(v.FullBytes, &out); err != nil {
		return nil, errForm
	}
	return out, nil
}

func array(b []byte, depth int) (any, error) {
	out := []any{}
	for len(b) > 0 {
		v, rest, err := element(b)
		if err != nil {
			return nil, errForm
		}
		one, err := value(v, depth+1)
		if err != nil {
			return nil, err
		}
		out, b = append(out, one), rest
	}
	return out, nil
}

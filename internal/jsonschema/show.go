package jsonschema

import (
	"math"
	"strconv"
	"strings"
)

// kindOf is the one type of a value.
func kindOf(value any) kind {
	switch value := value.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case float64:
		if value == math.Trunc(value) {
			return integer
		}
		return fraction
	case string:
		return text
	case []any:
		return array
	}
	return object
}

// String names the types of a set: "integer or null".
func (k kind) String() string {
	var names []string
	for _, t := range typeNames {
		if k&t.kind == t.kind {
			names = append(names, t.name)
			k &^= t.kind
		}
	}
	return strings.Join(names, " or ")
}

// maxShown is how much of a string is shown, in bytes.
const maxShown = 60

// shown is a value in a message: a scalar itself, otherwise its type.
func shown(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case string:
		if len(value) > maxShown {
			return strconv.Quote(strings.ToValidUTF8(value[:maxShown], "")) + "..."
		}
		return strconv.Quote(value)
	}
	return kindOf(value).String()
}

// oneOf names the values of an enum.
func oneOf(enum []any) string {
	names := make([]string, len(enum))
	for i, v := range enum {
		names[i] = shown(v)
	}
	return strings.Join(names, " or ")
}

package verify

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/hrhost/hrhost/internal/text"
)

// unmarshal is [json.Unmarshal] for a document whose schema lets other members in: it
// takes no name for a field's that is not exactly that. The decoder does, where other
// readers do not, and two readers would read two documents.
func unmarshal(text []byte, v any) error {
	if err := json.Unmarshal(text, v); err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	return exactly(value, reflect.TypeOf(v))
}

// exactly finds a member of a value that is a field of the type but for its case.
func exactly(value any, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := value.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for _, e := range value {
			if err := exactly(e, t.Elem()); err != nil {
				return err
			}
		}
	case map[string]any:
		return membersExactly(value, t)
	}
	return nil
}

func membersExactly(members map[string]any, t reflect.Type) error {
	fields := map[string]reflect.Type{}
	if t.Kind() == reflect.Struct {
		fieldsOf(t, fields)
	}
	for _, name := range sortedKeys(members) {
		of, ok := fields[name]
		if t.Kind() == reflect.Map {
			of, ok = t.Elem(), true
		}
		if ok {
			if err := exactly(members[name], of); err != nil {
				return err
			}
			continue
		}
		for field := range fields {
			if strings.EqualFold(name, field) {
				return fmt.Errorf("key %q, which is not %q", text.Brief(name), field)
			}
		}
	}
	return nil
}

// fieldsOf are the types of a struct's fields by their names in JSON.
func fieldsOf(t reflect.Type, fields map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			fieldsOf(f.Type, fields)
		case name == "":
			fields[f.Name] = f.Type
		case name != "-":
			fields[name] = f.Type
		}
	}
}

package bundle

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// rowTypes are all types that become JSON in a bundle.
var rowTypes = []any{
	lane.RuntimeRow{}, lane.BaselineRow{}, lane.WitnessRow{}, lane.OracleRow{}, Event{},
	Manifest{}, Matrix{}, ApplyPreflight{}, RunStatus{}, Summary{}, Index{}, SweepTarget{}, SweepDocument{},
}

// TestBigIntegersRefused sets each integer of each row type to 2^53 in turn:
// the writer must refuse every one, or a reader using doubles would round it.
func TestBigIntegersRefused(t *testing.T) {
	for _, v := range rowTypes {
		typ := reflect.TypeOf(v)
		whole := reflect.New(typ).Elem()
		if _, err := encode(whole.Interface()); err != nil {
			t.Errorf("%s: zero value: %v", typ, err)
		}
		n := eachInteger(whole, typ.String(), func(where string) {
			if _, err := encode(whole.Interface()); err == nil {
				t.Errorf("%s: 2^53 was written", where)
			}
		})
		t.Logf("%s: %d integers", typ, n)
	}
}

// eachInteger sets every integer reachable from v to 2^53 in turn, calls f, and
// puts the old value back.
func eachInteger(v reflect.Value, where string, f func(string)) int {
	switch v.Kind() {
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				n += eachInteger(v.Field(i), where+"."+field.Name, f)
			}
		}
		return n
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		defer v.SetZero()
		return eachInteger(v.Elem(), where, f)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		defer v.SetZero()
		return eachInteger(v.Index(0), where+"[0]", f)
	case reflect.Map:
		return eachInMap(v, where, f)
	case reflect.Int, reflect.Int64:
		old := v.Int()
		defer v.SetInt(old)
		v.SetInt(maxNumber)
		f(where)
		return 1
	case reflect.String, reflect.Bool:
		return 0
	}
	panic(fmt.Sprintf("%s has kind %s: uint64 and floats have no place in a row", where, v.Kind()))
}

// eachInMap does eachInteger for a map with one element.
func eachInMap(m reflect.Value, where string, f func(string)) int {
	elem := reflect.New(m.Type().Elem()).Elem()
	defer m.SetZero()
	return eachInteger(elem, where+"[k]", func(where string) {
		one := reflect.MakeMap(m.Type())
		one.SetMapIndex(reflect.ValueOf("k"), elem)
		m.Set(one)
		f(where)
	})
}

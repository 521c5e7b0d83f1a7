package wire

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/internal/terms"
)

// words by type, so that filled values are ones that the protocol allows.
var words = map[reflect.Type][]any{
	reflect.TypeFor[terms.Arm]():    {terms.After, terms.Before, terms.Again},
	reflect.TypeFor[terms.Class]():  {terms.OK, terms.Denied, terms.Missing, terms.Other},
	reflect.TypeFor[terms.Effect](): {terms.EffectSeen, terms.EffectAbsent, terms.EffectUnobservable},
	reflect.TypeFor[terms.Stage](): {
		terms.StagePrepare, terms.StageApply, terms.StageAcquire, terms.StageOperation, terms.StageEffect, terms.StageCleanup,
	},
	reflect.TypeFor[Severity](): {Warning, Error},
	reflect.TypeFor[Platform](): {Linux, MacOS},
}

// filler gives every field a value of its own, so that a forgotten or crossed
// field shows.
type filler struct{ n int }

func fill[T any](f *filler) (v T) {
	f.value(reflect.ValueOf(&v).Elem())
	return v
}

func (f *filler) value(v reflect.Value) {
	f.n++
	if choice := words[v.Type()]; choice != nil {
		v.Set(reflect.ValueOf(choice[f.n%len(choice)]))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", f.n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(f.n % 256))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.value(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.value(v.Index(0))
		f.value(v.Index(1))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.value(key)
		f.value(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			f.value(v.Field(i))
		}
	default:
		panic(v.Type())
	}
}

func roundTrip[T any](t *testing.T, there func(T) (T, error)) {
	t.Helper()
	for n := range 8 {
		want := fill[T](&filler{n: n})
		if d, ok := any(&want).(*Description); ok {
			oneCode(d)
		}
		got, err := there(want)
		if err != nil {
			t.Fatalf("%T: %v", want, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", want, diff)
		}
	}
}

// oneCode keeps one of each result code's two alternatives.
func oneCode(d *Description) {
	for _, p := range d.Probes {
		p.Results[0].Native = nil
		p.Results[1].Errno = nil
	}
}

func TestRoundTrips(t *testing.T) {
	roundTrip(t, func(v Description) (Description, error) { return descriptionFrom(v.message()) })
	roundTrip(t, func(v Diagnostic) (Diagnostic, error) { return diagnosticFrom(v.message()) })
	roundTrip(t, func(v PrepareRequest) (PrepareRequest, error) { return prepareRequestFrom(v.message()) })
	roundTrip(t, func(v PrepareResponse) (PrepareResponse, error) { return prepareResponseFrom(v.message()) })
	roundTrip(t, func(v SealRequest) (SealRequest, error) { return sealRequestFrom(v.message()), nil })
	roundTrip(t, func(v SealReport) (SealReport, error) { return sealReportFrom(v.message()), nil })
	roundTrip(t, func(v RunItem) (RunItem, error) { return runItemFrom(v.message()) })
}

func eventTrip[T Event](v T) (T, error) {
	b, err := EncodeEvent(v)
	if err != nil {
		return v, err
	}
	e, err := DecodeEvent(b)
	if err != nil {
		return v, err
	}
	return e.(T), nil
}

func TestEventRoundTrips(t *testing.T) {
	roundTrip(t, eventTrip[Intent])
	roundTrip(t, eventTrip[StageEvent])
	roundTrip(t, eventTrip[Outcome])
	roundTrip(t, eventTrip[Observation])
	roundTrip(t, eventTrip[Diagnostic])
	roundTrip(t, eventTrip[Completed])
}

// An absent errno and errno 0 are not the same, and stay apart.
func TestAbsentStaysAbsent(t *testing.T) {
	for _, r := range []*Result{{}, {Errno: new(int)}, {ExitCode: new(int)}, {Signal: new(int)}} {
		want := Outcome{Attempted: true, Result: r, Effect: terms.EffectSeen}
		got, err := eventTrip(want)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

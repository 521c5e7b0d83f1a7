package bundle

import (
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// BenchmarkAppend is the price of a row for the run itself.
func BenchmarkAppend(b *testing.B) {
	w, err := Create(b.TempDir(), "r")
	must(b, err)
	a, err := w.Array(RuntimeResults, map[string]string{"world_id": "w"})
	must(b, err)
	row := lane.RuntimeRow{}
	b.ReportAllocs()
	for b.Loop() {
		must(b, a.Append(row))
	}
}

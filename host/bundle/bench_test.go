package bundle

import (
	"fmt"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// BenchmarkVerify verifies a small bundle.
func BenchmarkVerify(b *testing.B) {
	dir := newFixture().write(b)
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Verify(dir); err != nil || !r.Valid {
			b.Fatal(err, r.Findings)
		}
	}
}

// BenchmarkVerifyRow shows what one more planned probe costs, in all lanes.
func BenchmarkVerifyRow(b *testing.B) {
	const probes = 500
	f := newFixture()
	for i := range probes {
		f.probe(fmt.Sprintf("p%d", i), "kernel.ostype", lane.Allow)
	}
	dir := f.write(b)
	for b.Loop() {
		if _, err := Verify(dir); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/probes, "us/probe")
}

// BenchmarkAppend is the price of a row for the run itself.
func BenchmarkAppend(b *testing.B) {
	w, err := Create(b.TempDir(), "r")
	must(b, err)
	a, err := w.Array(RuntimeResults, map[string]string{"world_id": "w"})
	must(b, err)
	row := newFixture().runtime[0]
	b.ReportAllocs()
	for b.Loop() {
		must(b, a.Append(row))
	}
}

// BenchmarkCommit writes and commits a small bundle.
func BenchmarkCommit(b *testing.B) {
	f := newFixture()
	for b.Loop() {
		f.write(b)
	}
}

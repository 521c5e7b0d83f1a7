package verify

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
		if r, err := Bundle(dir); err != nil || !r.Valid {
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
		if _, err := Bundle(dir); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/probes, "us/probe")
}

// BenchmarkCommit writes and commits a small bundle.
func BenchmarkCommit(b *testing.B) {
	f := newFixture()
	for b.Loop() {
		f.write(b)
	}
}

package sbpl

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// rulesProfile is a profile of n path rules of every kind.
func rulesProfile(n int) string {
	var b strings.Builder
	b.WriteString("(version 1)(deny default)\n")
	for i := range n {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "(allow file-read* (literal \"/private/data/%d/file\"))\n", i)
		case 1:
			fmt.Fprintf(&b, "(deny file-read* (subpath \"/Users/me/dir%d\"))\n", i)
		case 2:
			fmt.Fprintf(&b, "(allow file-read* (prefix \"/Library/p%d-\"))\n", i)
		case 3:
			fmt.Fprintf(&b, "(allow file-read* (regex #\"^/private/var/folders/[^/]+/x%d$\"))\n", i)
		}
	}
	return b.String()
}

// BenchmarkDecide asks policies of growing size: a value that no rule knows, so
// that the walk goes to its end, and with "linear" the same without indexes, as
// the floor to compare with.
func BenchmarkDecide(b *testing.B) {
	q := Query{Operation: "file-read-data", Filters: []Filter{{"path", "/private/var/folders/zz/no-such/file.txt"}}}
	for _, n := range []int{10, 100, 1000, 10000} {
		p, err := Compile([]byte(rulesProfile(n)), Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) { decideLoop(b, p, q) })
		if n <= 1000 {
			b.Run(fmt.Sprintf("rules=%d/linear", n), func(b *testing.B) {
				for b.Loop() {
					linear(p, &q)
				}
			})
		}
	}
}

// linear tries one rule after another and keeps no trace.
func linear(p *Policy, q *Query) Action {
	at, _ := p.resolve(q.Operation)
	for {
		l := &p.lists[at]
		for _, r := range l.rules {
			if r.test.holds(q, nil) == yes {
				return r.action
			}
		}
		if l.always != nil {
			return l.always.action
		}
		at = l.parent
	}
}

func decideLoop(b *testing.B, p *Policy, q Query) {
	if d := p.Decide(q); d.Err != nil {
		b.Fatal(d.Err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(q)
	}
}

// BenchmarkDecideSystem asks the two profiles of the shared corpus with the most
// filtered rules, one of each release.
func BenchmarkDecideSystem(b *testing.B) {
	type candidate struct {
		p     *Policy
		name  string
		rules int
	}
	largest := map[string]candidate{}
	for _, e := range corpusIndex(b) {
		if e.group() == "third-party" || e.compiles != "yes" || !versioned.Match(e.read(b)) {
			continue
		}
		c := candidate{p: compileEntry(b, e), name: filepath.Base(e.path)}
		for _, r := range c.p.Rules() {
			if r.Filtered {
				c.rules++
			}
		}
		if c.rules > largest[e.group()].rules {
			largest[e.group()] = c
		}
	}
	for _, group := range slices.Sorted(maps.Keys(largest)) {
		c := largest[group]
		for _, q := range []Query{
			{Operation: "file-read-data", Filters: []Filter{{"path", "/Users/me/Library/Preferences/com.example.none.plist"}, {"vnode-type", "REGULAR-FILE"}, {"mount-relative-path", "/Library/x"}}, Absent: []string{"extension", "file-mode"}},
			{Operation: "mach-lookup", Filters: []Filter{{"global-name", "com.example.none"}}, Absent: []string{"extension"}},
			{Operation: "sysctl-read", Filters: []Filter{{"sysctl-name", "kern.none"}}},
		} {
			if d := c.p.Decide(q); d.Action == Unknown {
				b.Logf("%s %s: unknown, missing %v", c.name, q.Operation, d.Missing)
			}
			b.Run(fmt.Sprintf("%s/%s/rules=%d/%s", group, c.name, c.rules, q.Operation), func(b *testing.B) { decideLoop(b, c.p, q) })
		}
	}
}

var paramsOnce sync.Once
var paramsOf map[string]map[string]string

func compileEntry(b *testing.B, e corpusEntry) *Policy {
	b.Helper()
	opts := e.options()
	paramsOnce.Do(func() { paramsOf = measuredParams(b) })
	if p, ok := paramsOf[e.path]; ok {
		opts.Params = p
	}
	p, err := Compile(e.read(b), opts)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkDecideParallel asks one policy from every core at once.
func BenchmarkDecideParallel(b *testing.B) {
	p, err := Compile([]byte(rulesProfile(1000)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	q := Query{Operation: "file-read-data", Filters: []Filter{{"path", "/private/var/folders/zz/no-such/file.txt"}}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p.Decide(q)
		}
	})
}

// BenchmarkCompile compiles application.sb of 10.10.5 and 10.15.2.
func BenchmarkCompile(b *testing.B) {
	for _, e := range corpusIndex(b) {
		if !strings.HasSuffix(e.path, "/application.sb") {
			continue
		}
		opts, src := e.options(), e.read(b)
		if p, ok := measuredParams(b)[e.path]; ok {
			opts.Params = p
		}
		b.Run(e.group()+"/application.sb", func(b *testing.B) {
			b.ReportAllocs()
			began := cpuTime()
			for b.Loop() {
				if _, err := Compile(src, opts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpuTime()-began).Seconds()*1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// cpuTime is what the process has used of all cores: on a busy machine it says
// more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCompileSystem compiles every system profile and reports the median
// and the longest.
func BenchmarkCompileSystem(b *testing.B) {
	type job struct {
		src  []byte
		opts Options
	}
	var jobs []job
	measured := measuredParams(b)
	for _, e := range corpusIndex(b) {
		if e.group() == "third-party" || e.compiles != "yes" {
			continue
		}
		j := job{e.read(b), e.options()}
		if p, ok := measured[e.path]; ok {
			j.opts.Params = p
		}
		if !versioned.Match(j.src) {
			j.src = append([]byte("(version 1)"), j.src...)
		}
		jobs = append(jobs, j)
	}
	took := make([]time.Duration, len(jobs))
	for i := range took {
		took[i] = time.Hour
	}
	for b.Loop() {
		for i, j := range jobs {
			began := time.Now()
			if _, err := Compile(j.src, j.opts); err != nil {
				b.Fatal(err)
			}
			took[i] = min(took[i], time.Since(began))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(jobs)), "profiles")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "longest-µs")
}

// TestDecideAllocates: an answer makes no garbage.
func TestDecideAllocates(t *testing.T) {
	p, err := Compile([]byte(rulesProfile(100)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"/private/var/folders/zz/no", "/private/data/8/file", "/Users/me/dir1/x", "/Library/p2-x", "/private/var/folders/a/x3"} {
		q := Query{Operation: "file-read-data", Filters: []Filter{{"path", v}}}
		p.Decide(q)
		if n := testing.AllocsPerRun(100, func() { p.Decide(q) }); n != 0 {
			t.Errorf("%s: %v allocations", v, n)
		}
	}
}
